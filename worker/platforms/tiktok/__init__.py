"""TikTok by its official interfaces: Login Kit and the Display API, both v2."""
