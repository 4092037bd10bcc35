"""Meta's stand-in: Instagram Login, Facebook Login, and the Graph API under both their hosts."""
