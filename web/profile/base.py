"""Loads the profile that a page is about."""

from __future__ import annotations

from uuid import UUID

from flask import abort

from shared.db.pools import WebConnection
from shared.store.profiles import profiles
from shared.store.profiles.profiles import ProfileRow


def own_profile(conn: WebConnection, profile_id: UUID) -> ProfileRow:
    """The signed-in person's profile; aborts with 404 when it is not theirs, gone, or being deleted."""
    found = profiles.get_for_web(conn, profile_id)
    if found is None:
        abort(404)
    return found
