"""The start page: an introduction for visitors, the list of profiles for signed-in people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.domain import zones
from shared.domain.days import day_of
from shared.domain.growth import growth
from shared.domain.periods import Period
from shared.store.profiles import overview, profiles
from shared.store.profiles.profiles import ProfileRow
from web.auth.session import database, find_session, login_required, step_due
from web.services import services
from web.text.numbers import plain_day
from web.translation import _


@dataclass(frozen=True, slots=True)
class Card:
    """A profile, and its new and lost people since the day before its newest reading.

    `since` names that day before. `gained` and `lost` are None where no list of these days shows them.
    """

    profile: ProfileRow
    gained: int | None = None
    lost: int | None = None
    since: str = ""


bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    if due := step_due():
        return redirect(due)
    if find_session() is None:
        return render_template("home/landing.html", closed=not services().settings.signup_open)
    with database() as conn:
        mine = [_card(conn, profile) for profile in profiles.list_for_web(conn)]
    return render_template("home/profiles.html", cards=mine)


def _card(conn: WebConnection, profile: ProfileRow) -> Card:
    zone = zones.zone(profile.timezone)
    if profile.observed_at is None:
        return Card(profile)
    last = day_of(profile.observed_at, zone)
    days = Period("7", zone, last - timedelta(days=1), last, profile.observed_at)
    judged = growth(overview.history(conn, profile.id, days), days)
    if judged.gained.missing:
        return Card(profile)
    changed = overview.changes(conn, profile.id, days)
    lost = None if judged.lost.missing else changed.lost
    yesterday = day_of(datetime.now(UTC), zone) == last
    return Card(profile, changed.gained, lost, _("yesterday") if yesterday else plain_day(last - timedelta(days=1)))


@bp.get("/start")
@login_required
def start() -> ResponseReturnValue:
    """Redirects after a sign-in: to the only profile, else to the list of them."""
    with database() as conn:
        mine = profiles.list_for_web(conn)
    return redirect(f"/profiles/{mine[0].id}" if len(mine) == 1 else "/")


@bp.get("/profiles")
def list_profiles() -> ResponseReturnValue:
    return redirect("/")
