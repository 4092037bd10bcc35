"""Many profiles, real processes and everything that can go wrong; what is then told, held against the truth."""
