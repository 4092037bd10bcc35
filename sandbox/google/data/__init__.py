"""YouTube Data API v3: channels, uploads and videos."""
