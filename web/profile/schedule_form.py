"""The schedule form: the interval of each kind, paused or not, and the time zone in which days are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from shared.domain import zones
from shared.domain.job_kinds import EVERY
from shared.domain.jobs import JobKind
from shared.domain.plan import Plan
from shared.messages import Message
from shared.store.profiles.profiles import ProfileRow, ProfileState
from web.text.content import words_of
from web.text.values import span
from web.translation import _

_JOB_KINDS = {
    "followers": JobKind.SYNC_FOLLOWERS,
    "following": JobKind.SYNC_FOLLOWING,
    "media": JobKind.SYNC_MEDIA,
    "profile": JobKind.SYNC_PROFILE,
    "stories": JobKind.SYNC_STORIES,
    "likers": JobKind.SYNC_LIKERS,
    "insights": JobKind.SYNC_INSIGHTS,
    "audience": JobKind.SYNC_AUDIENCE,
}
MEDIA = "media"
KINDS = (
    ("followers", Message("Followers")),
    ("following", Message("Following")),
    (MEDIA, Message("Posts and reels")),
    ("profile", Message("Profile and counters")),
    ("stories", Message("Stories")),
    ("likers", Message("Who liked recent posts")),
    ("insights", Message("Official figures by day")),
    ("audience", Message("Audience")),
)
AUTOMATIC = "auto"
_HOURS = (1, 2, 4, 6, 8, 12, 24, 48, 72, 168)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The form's checked values: an interval for each kind of the profile; `automatic` are those left to Rollcall."""

    paused: bool
    timezone: str
    every: dict[JobKind, timedelta]
    automatic: frozenset[JobKind]


class Offered(NamedTuple):
    """One select of the form: its choices (value, words, chosen), its next due time, and why it is so rare."""

    kind: str
    label: str
    options: list[tuple[str, str, bool]]
    due: datetime | None
    reason: str


def kinds_of(profile: ProfileRow) -> list[tuple[str, str]]:
    """The kinds of `KINDS` that the profile's platform has, with its labels."""
    offered = [(kind, label) for kind, label in KINDS if _JOB_KINDS[kind] in profile.schedules]
    return [(kind, words_of(profile.platform).every if kind == MEDIA else label) for kind, label in offered]


def read(form: Mapping[str, str], profile: ProfileRow, planned: Plan) -> Schedule | None:
    """The schedule in a submitted form; None when a value was not one of the choices.

    A kind that the form does not have, since a connection has offered it meanwhile, keeps its interval.
    """
    chosen = {kind: form[f"{kind}_every"] for kind, _label in kinds_of(profile) if f"{kind}_every" in form}
    automatic = frozenset(kind for kind, value in chosen.items() if value == AUTOMATIC)
    every = {
        kind: interval(planned, kind) if kind in automatic else _interval(value, current(profile, kind))
        for kind, value in chosen.items()
    }
    timezone = zones.find(form.get("timezone", ""))
    known = {_JOB_KINDS[kind]: length for kind, length in every.items() if length is not None}
    if len(known) < len(every) or timezone is None:
        return None
    return Schedule("paused" in form, timezone, known, frozenset(_JOB_KINDS[kind] for kind in automatic))


def interval(planned: Plan, kind: str) -> timedelta:
    """The plan's interval for one of `KINDS`; the default one of a kind that the plan does not weigh."""
    return planned.intervals().get(_JOB_KINDS[kind], EVERY[_JOB_KINDS[kind]])


def current(profile: ProfileRow, kind: str) -> timedelta:
    """The present interval of one of the profile's kinds."""
    return profile.schedules[_JOB_KINDS[kind]].every


def is_automatic(profile: ProfileRow, kind: str) -> bool:
    """Whether the interval of one of the profile's kinds follows the plan."""
    return profile.schedules[_JOB_KINDS[kind]].is_automatic


def next_at(profile: ProfileRow, kind: str) -> datetime | None:
    """The next scheduled time of one of `KINDS`; None while nothing is scheduled."""
    if profile.schedule_paused or profile.state != ProfileState.CONNECTED:
        return None
    return profile.next_at(_JOB_KINDS[kind])


def choices(held: timedelta) -> list[tuple[str, str, bool]]:
    """(minutes, words, chosen) for a select; an interval that was set elsewhere stays one of the choices."""
    lengths = sorted({*(timedelta(hours=hours) for hours in _HOURS), held})
    return [(str(_minutes(length)), _words(length), length == held) for length in lengths]


def all_choices(profile: ProfileRow, kind: str, every: timedelta) -> list[tuple[str, str, bool]]:
    """The choices for one of `KINDS`, first the automatic one, whose interval would be `every`."""
    automatic = is_automatic(profile, kind)
    fixed = [(value, words, held and not automatic) for value, words, held in choices(current(profile, kind))]
    return [automatic_choice(every, chosen=automatic), *fixed]


def reason(every: timedelta, because: str) -> str:
    """Such as "Every week, because of 120,000 followers."."""
    return _("%(every)s, %(because)s.", every=_words(every), because=because)


def automatic_choice(every: timedelta, *, chosen: bool) -> tuple[str, str, bool]:
    """The choice that leaves the interval to Rollcall, short enough for a narrow select: "Auto · 8 h"."""
    return AUTOMATIC, _("Auto · %(every)s", every=_short(every)), chosen


@cache
def timezones() -> tuple[str, ...]:
    """The time zones to choose from by their newest names, `UTC` first."""
    named = sorted(
        zone
        for zone in zones.names()
        if "/" in zone and not zones.is_old(zone) and not zone.startswith(("Etc/", "posix/"))
    )
    return ("UTC", *(zone for zone in named if not zone.startswith("right/")))


def _interval(minutes: str, held: timedelta) -> timedelta | None:
    allowed = {value: timedelta(minutes=int(value)) for value, _words_of, _chosen in choices(held)}
    return allowed.get(minutes)


def _minutes(length: timedelta) -> int:
    return round(length.total_seconds() / 60)


def _short(length: timedelta) -> str:
    """Such as "8 h", or "3 days" from two days on."""
    hours = length / timedelta(hours=1)
    return _("%(hours)s h", hours=format(hours, "g")) if hours < 48 and hours == int(hours) else span(length)


def _words(length: timedelta) -> str:
    if length == timedelta(hours=1):
        return _("Every hour")
    if length == timedelta(days=1):
        return _("Every day")
    if length == timedelta(days=7):
        return _("Every week")
    return _("Every %(length)s", length=span(length))
