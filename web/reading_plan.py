"""The syncs to come of a profile in figures and words: requests left today, length of a sync, its cool-down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint

from shared.db.pools import WebConnection
from shared.domain import plan
from shared.domain.jobs import JobKind
from shared.domain.plan import Limits, Plan, Size, Walk
from shared.store import budget
from shared.store.profiles import ProfileRow, ProfileState
from web.parts import parts
from web.wording import number, span

_WHY = {
    "rate_limited": "Instagram asked to wait.",
    "feedback_required": "Instagram has limited this account for a while because of unusual activity.",
    "suspected_automation": "Instagram suspects that a machine uses this account.",
    "budget_spent": "Daily request limit reached. It is Rollcall's own limit; nothing is wrong.",
}
_QUESTION = "Instagram asked a question."
_COUNTED = {"followers": ("followers", "followers"), "following": ("following", "accounts followed")}
_DEFAULT = plan.plan(Size(None, None, None), Limits(timedelta(0), timedelta(0), 0))


@dataclass(frozen=True, slots=True)
class Rest:
    """Why a profile rests, until when, and whether it then goes on by itself."""

    why: str
    until: datetime | None
    by_itself: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """`per_day` None: no limit is set. `walk` None: the counts are not known. `next_list_at` None: not scheduled."""

    per_day: int | None
    left: int | None
    resets_at: datetime | None
    next_list_at: datetime | None
    walk: Walk | None

    @property
    def length(self) -> str | None:
        """Such as "about 40 minutes" or "about 3 days, in parts"; None while it cannot be known."""
        return None if self.walk is None else walk_words(self.walk)

    def to_json(self) -> dict[str, Any]:
        """For the JSON interface; times ISO 8601 in UTC."""
        walk = self.walk
        return {
            "requests_per_day": self.per_day,
            "requests_left": self.left,
            "resets_at": _iso(self.resets_at),
            "next_list_at": _iso(self.next_list_at),
            "walk": None
            if walk is None
            else {
                "requests": walk.requests,
                "seconds": round(walk.length.total_seconds()),
                "days": walk.days,
                "words": walk_words(walk),
            },
        }


def outlook(conn: WebConnection, profile: ProfileRow) -> Outlook:
    """What is known now of the readings to come."""
    limits = budget.limits(parts().settings)
    today = budget.today(conn, profile.id) if limits.per_day else None
    left = None
    if limits.per_day:
        left = limits.per_day if today is None else max(limits.per_day - today.spent, 0)
    due = None
    if not profile.schedule_paused and profile.state == ProfileState.CONNECTED:
        lists = (profile.next_at(JobKind.SYNC_FOLLOWERS), profile.next_at(JobKind.SYNC_FOLLOWING))
        due = min((at for at in lists if at is not None), default=None)
    return Outlook(limits.per_day or None, left, today.ends if today else None, due, _walk(profile, limits, left))


def planned(profile: ProfileRow) -> Plan:
    """The intervals that the profile's size and the limits lead to."""
    return plan.plan(_size(profile), budget.limits(parts().settings))


def because(profile: ProfileRow, kind: str, every: timedelta) -> str:
    """Why an automatic interval is longer than usual, such as "because of 120,000 followers"; empty where it is not."""
    if every <= getattr(_DEFAULT, kind):
        return ""
    if kind in _COUNTED:
        column, words = _COUNTED[kind]
        count: int | None = getattr(profile, column)
        return f"because of {number(count)} {words}"
    return f"to stay within {number(parts().settings.requests_per_day)} requests a day"


def walk_words(walk: Walk) -> str:
    """How long a reading takes: "less than a minute", "about 40 minutes", "about 3 days, in parts"."""
    if walk.days > 1:
        return f"about {walk.days} days, in parts"
    return "less than a minute" if walk.length < timedelta(minutes=1) else f"about {span(walk.length)}"


def rest_of(profile: ProfileRow) -> Rest | None:
    """The rest under way; None where the profile may be read, or only a login frees it."""
    if profile.state not in (ProfileState.CONNECTED, ProfileState.COOLING_DOWN):
        return None
    until = profile.cooldown_until if profile.cooldown_until and profile.cooldown_until > datetime.now(UTC) else None
    if profile.state == ProfileState.COOLING_DOWN:
        return Rest(_WHY["suspected_automation"], until, by_itself=False)
    if until is None:
        return None
    return Rest(_WHY.get(profile.cooldown_code or "rate_limited", _QUESTION), until, by_itself=True)


def why_not(profile: ProfileRow) -> str:
    """Returns why a profile that is not connected cannot be read now, and what its person can do."""
    if profile.state == ProfileState.COOLING_DOWN:
        return f"{_WHY['suspected_automation']} The profile is in a cool-down; you can end it in its settings."
    return profile.state_reason or "Connect the account first; without a session Rollcall cannot sync."


def walk_length(profile: ProfileRow) -> str | None:
    """How long reading everything takes on a fresh day; None while the counts are not known."""
    walk = _walk(profile, budget.limits(parts().settings), None)
    return None if walk is None else walk_words(walk)


def example_walks() -> list[tuple[int, str]]:
    """(followers, how long a first reading takes) for accounts of three sizes, each with 500 followed and 200 posts."""
    limits = budget.limits(parts().settings)
    return [(count, walk_words(plan.walk(Size(count, 500, 200), limits))) for count in (1_000, 10_000, 100_000)]


def add_to(bp: Blueprint) -> None:
    """Gives all templates these."""
    for function in (rest_of, walk_length, example_walks):
        bp.add_app_template_global(function)


def _walk(profile: ProfileRow, limits: Limits, left: int | None) -> Walk | None:
    known = profile.followers is not None or profile.following is not None
    return plan.walk(_size(profile), limits, left) if known else None


def _size(profile: ProfileRow) -> Size:
    return Size(profile.followers, profile.following, profile.media_count)


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
