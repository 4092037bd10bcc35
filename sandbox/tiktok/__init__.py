"""TikTok's stand-in: Login Kit with its pages and rotating tokens, and the Display API."""
