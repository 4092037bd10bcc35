"""Compresses pages and JSON on their way out; assets are compressed once, where they are made."""

from __future__ import annotations

from flask import Flask
from flask_compress import Compress


def add_to(app: Flask) -> None:
    """Brotli or gzip, as the browser accepts it, for HTML and JSON; downloads and streams stay as they are."""
    app.config.update(
        COMPRESS_MIMETYPES=["text/html", "application/json", "application/problem+json"],
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_STREAMS=False,
        COMPRESS_EVALUATE_CONDITIONAL_REQUEST=False,
    )
    Compress(app)
