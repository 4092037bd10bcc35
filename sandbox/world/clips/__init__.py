"""A profile of short clips with counters and nothing by day."""
