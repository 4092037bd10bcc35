"""What `python -m bench fleet` is made of: rows weighed, claims timed, browsers measured, days played through."""
