"""Insights of accounts and of media, as strict as the real ones about what goes together."""
