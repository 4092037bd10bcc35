"""Google's stand-in: OAuth with its consent pages, YouTube Data API v3 and YouTube Analytics API v2."""
