"""The part that every page of a profile shows around its own: the name, the strip, the bell, the cool-down."""

from __future__ import annotations

from typing import Any

from shared.db.pools import WebConnection
from shared.store.profiles.profiles import ProfileRow
from web.profile import alerts, forecast, sync_strip


def frame_of(conn: WebConnection, profile: ProfileRow) -> dict[str, Any]:
    """Returns the contents of `profile_base.html`: `profile`, `causes`, `strip` and `cooldown`."""
    return {
        "profile": profile,
        "causes": alerts.causes_of(conn, profile),
        "strip": sync_strip.strip_of(conn, profile),
        "cooldown": forecast.cooldown_of(profile),
    }
