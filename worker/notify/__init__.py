"""Sends alerts outside the pages: by mail, over SMTP or an HTTPS mail service."""
