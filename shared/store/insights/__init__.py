"""Official figures of a profile: its days, its totals, its audience."""
