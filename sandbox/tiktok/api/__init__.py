"""The Display API: the person and their videos."""
