"""The Graph API under both hosts: its errors, its limits, accounts, media and Pages."""
