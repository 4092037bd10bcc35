"""The living world behind every stand-in: pure, seeded, with its own calendar; it knows nothing of HTTP."""
