"""The part that every page shows around its own: the signed-in person, and whether they are an operator."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, request

from web.admin import access
from web.auth.session import find_session

_WITHOUT_PAGES = frozenset(
    {"api", "api_connections", "api_insights", "api_socials", "assets", "charts", "cron", "health", "health_json"}
)
"""Blueprints that answer without a page."""


def add_to(app: Flask) -> None:
    """Loads the frame before each request that may answer with a page, so that no template asks the database."""

    @app.before_request
    def load() -> None:
        if request.blueprint not in _WITHOUT_PAGES and request.endpoint != "metrics":
            access.is_operator()

    @app.context_processor
    def frame() -> dict[str, Any]:
        # A page about a fault of the database shows no one as signed in and runs no query.
        person = find_session() if "signed_in" in g else None
        return {"person": person, "is_operator": person is not None and bool(g.get("is_operator"))}
