"""YouTube Analytics API v2: its reports."""
