"""The strip on every page of a profile: the time of the last sync, *Sync now*, and the running sync.

The strip follows its job by itself: `strip.js` loads it again when the job has something new to show besides numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.domain.jobs import JobKind
from shared.store.files import imports
from shared.store.profiles.profiles import ProfileRow, ProfileState
from shared.store.queue import jobs
from shared.store.queue.jobs import JobView
from web.auth.session import database, login_required
from web.jobs.job_json import job_json
from web.profile.base import own_profile

bp = Blueprint("sync_strip", __name__)
_SHOWN = (
    JobKind.LOGIN,
    JobKind.SYNC,
    JobKind.SYNC_PROFILE,
    JobKind.SYNC_FOLLOWERS,
    JobKind.SYNC_FOLLOWING,
    JobKind.SYNC_MEDIA,
    JobKind.SYNC_STORIES,
    JobKind.SYNC_LIKERS,
    JobKind.SYNC_INSIGHTS,
    JobKind.SYNC_AUDIENCE,
    JobKind.IMPORT,
)
"""The kinds that bring new data, so that a reader of any page wants to know of them."""


@dataclass(frozen=True, slots=True)
class Strip:
    """`job` is the live job as JSON, None without one; `may_sync` says whether *Sync now* is offered."""

    job: dict[str, Any] | None
    may_sync: bool


def strip_of(conn: WebConnection, profile: ProfileRow) -> Strip:
    """Returns the present contents of a profile's strip."""
    live = jobs.live(conn, profile.id, _SHOWN)
    may_sync = profile.state == ProfileState.CONNECTED and not imports.tell_alone(conn, profile.id)
    return Strip(_json(live), may_sync and not live)


@bp.get("/profiles/<uuid:profile_id>/strip")
@login_required
def show(profile_id: UUID) -> ResponseReturnValue:
    """The strip alone, for a page that shows it already."""
    with database() as conn:
        profile = own_profile(conn, profile_id)
        strip = strip_of(conn, profile)
    return render_template("profile/sync_strip.html", profile=profile, strip=strip)


def _json(live: list[JobView]) -> dict[str, Any] | None:
    return job_json(live[0]) if live else None
