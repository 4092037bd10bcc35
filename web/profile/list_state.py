"""Reasons why a list is not known yet, and the sync that is about to read it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shared.db.pools import WebConnection
from shared.domain import zones
from shared.domain.days import day_of
from shared.domain.growth import History, Missing, growth
from shared.domain.jobs import JobKind
from shared.store.followers.inactive import Scope
from shared.store.followers.listing import Wanted
from shared.store.followers.segments import Kind
from shared.store.profiles.profiles import ProfileRow
from shared.store.queue import jobs
from web.jobs.job_json import job_json
from web.text.numbers import plain_day
from web.translation import _, translate

PEOPLE = (JobKind.SYNC, JobKind.SYNC_FOLLOWERS, JobKind.SYNC_FOLLOWING, JobKind.IMPORT)
POSTS = (JobKind.SYNC, JobKind.SYNC_MEDIA)
STORIES = (JobKind.SYNC, JobKind.SYNC_STORIES)


def missing(profile: ProfileRow, history: History, wanted: Wanted) -> str | None:
    """Returns why the class of people is not known; None where it is, also from a partial list."""
    reason = _missing(profile, history, wanted)
    return None if reason is None else translate(reason)


def _missing(profile: ProfileRow, history: History, wanted: Wanted) -> str | None:
    match wanted.kind:
        case Kind.ALL:
            return None if history.people_known else Missing.NO_PEOPLE
        case Kind.NEW:
            return growth(history, wanted.period).gained.missing
        case Kind.LOST:
            return growth(history, wanted.period).lost.missing
        case Kind.RENAMED:
            return Missing.NO_LIST if history.first_whole is None else None if history.later else Missing.ONE_LIST
        case Kind.GHOSTS:
            return _no_ghosts(wanted.ghosts, profile)
        case Kind.MUTUAL | Kind.FANS | Kind.NOT_FOLLOWING_BACK:
            return Missing.LISTS if profile.mutual_count is None else None


def _no_ghosts(scope: Scope | None, profile: ProfileRow) -> str | None:
    """The reason for missing ghosts: they need five whole lists, and a follower known for long enough."""
    if scope is None or scope.known_from is None:
        return Missing.ENGAGERS
    reasons = [] if scope.coverage.enough else [translate(Missing.ENGAGERS)]
    if profile.observed_at is None or profile.observed_at < scope.known_from:
        reasons.append(
            _(
                "No follower has been known for 90 days yet. Ghosts appear from %(day)s on.",
                day=plain_day(day_of(scope.known_from, zones.zone(profile.timezone))),
            )
        )
    return " ".join(reasons) or None


def sync_under_way(conn: WebConnection, profile: ProfileRow, kinds: Collection[JobKind]) -> dict[str, Any] | None:
    """Returns the live job of one of these kinds, as JSON; None where there is none."""
    live = jobs.live(conn, profile.id, kinds)
    return job_json(live[0]) if live else None
