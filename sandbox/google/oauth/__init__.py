"""OAuth: clients, consent and tokens."""
