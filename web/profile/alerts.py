"""The alerts of a profile on its pages: in full on the overview, elsewhere as a bell with a number."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.store.profiles import alerts
from shared.store.profiles.alerts import Alert, AlertKind
from shared.store.profiles.profiles import ProfileRow, ProfileState
from web.auth.session import database, login_required
from web.profile.base import own_profile

bp = Blueprint("alerts", __name__)
_SAID_BY_STATE = {
    ProfileState.NEEDS_LOGIN: {AlertKind.SESSION_DEAD, AlertKind.LOGIN_FAILED},
    ProfileState.CHALLENGED: {AlertKind.CHALLENGE},
    ProfileState.COOLING_DOWN: {AlertKind.SUSPECTED},
}
"""The alerts that the notice of a state already tells."""


@dataclass(frozen=True, slots=True)
class Causes:
    """Causes for attention: the alerts to list, and whether the profile's state is a cause of its own."""

    alerts: list[Alert]
    by_state: bool

    @property
    def count(self) -> int:
        """The number on the bell."""
        return len(self.alerts) + self.by_state


def causes_of(conn: WebConnection, profile: ProfileRow) -> Causes:
    """Returns the open causes of a profile, each once."""
    shown = alerts.list_open(conn, profile.id)
    state = ProfileState(profile.state)
    said = _SAID_BY_STATE.get(state, set())
    return Causes([alert for alert in shown if alert.kind not in said], state in _SAID_BY_STATE)


@bp.post("/profiles/<uuid:profile_id>/alerts/<int:alert_id>/dismiss")
@login_required
def dismiss(profile_id: UUID, alert_id: int) -> ResponseReturnValue:
    with database() as conn:
        own_profile(conn, profile_id)
        alerts.dismiss(conn, profile_id, min(alert_id, 2**63 - 1))
    return redirect(f"/profiles/{profile_id}#alerts")
