"""Refusals of syncs that could only fail."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.store.files import imports
from shared.store.profiles.profiles import ProfileRow, ProfileState
from web.http.error_pages import answer
from web.profile import forecast
from web.translation import _


def no_session(conn: WebConnection, profile: ProfileRow) -> ResponseReturnValue | None:
    """409 with what to do where no connection of the profile can be used now; None where one can."""
    if profile.state != ProfileState.CONNECTED:
        why = forecast.why_not(profile)
        return answer(409, "not_connected", _("Rollcall cannot sync this account now"), why)
    if imports.tell_alone(conn, profile.id):
        return answer(409, "not_connected", _("This profile has data downloads only"), _("Connect it, then try again."))
    return None
