"""The alerts of a profile as its pages show them: in full on the overview, elsewhere as a bell with a number."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Flask, redirect
from flask.typing import ResponseReturnValue

from shared.store import alerts
from shared.store.alerts import Alert, AlertKind
from shared.store.profiles import ProfileRow, ProfileState
from web.profile_page import own_profile
from web.security import database, login_required

bp = Blueprint("alerts", __name__)
_SAID_BY_STATE = {
    ProfileState.NEEDS_LOGIN: {AlertKind.SESSION_DEAD, AlertKind.LOGIN_FAILED},
    ProfileState.CHALLENGED: {AlertKind.CHALLENGE},
    ProfileState.COOLING_DOWN: {AlertKind.SUSPECTED},
}
"""The alerts that the notice of a state already tells."""


@dataclass(frozen=True, slots=True)
class Causes:
    """What needs attention: the alerts to list, and whether the profile's state is a cause of its own."""

    alerts: list[Alert]
    by_state: bool

    @property
    def count(self) -> int:
        """The number on the bell."""
        return len(self.alerts) + self.by_state


def causes_of(profile: ProfileRow) -> Causes:
    """Returns the open causes of a profile, each once."""
    with database() as conn:
        shown = alerts.shown(conn, profile.id)
    state = ProfileState(profile.state)
    told = _SAID_BY_STATE.get(state, set())
    return Causes([alert for alert in shown if alert.kind not in told], state in _SAID_BY_STATE)


def add_to_templates(app: Flask) -> None:
    """Gives templates `causes_of(profile)`."""
    app.jinja_env.globals["causes_of"] = causes_of


@bp.post("/profiles/<uuid:profile_id>/alerts/<int:alert_id>/dismiss")
@login_required
def dismiss(profile_id: UUID, alert_id: int) -> ResponseReturnValue:
    with database() as conn:
        own_profile(conn, profile_id)
        alerts.dismiss(conn, profile_id, min(alert_id, 2**63 - 1))
    return redirect(f"/profiles/{profile_id}#alerts")
