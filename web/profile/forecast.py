"""A profile's coming syncs in figures and words: requests left today, length of a sync, its cool-down."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.db.pools import WebConnection
from shared.domain import plan
from shared.domain.jobs import JobKind
from shared.domain.plan import Limits, Plan, Size, Walk
from shared.errors import Challenged, RateLimited, SuspectedAutomation, with_code
from shared.messages import Message, about
from shared.platforms import PLATFORMS, label_of, platform_of
from shared.store.profiles import budget
from shared.store.profiles.profiles import ProfileRow, ProfileState
from web.services import services
from web.text.values import iso, number, span
from web.translation import _, translate

_COUNTED = {
    "followers": ("followers", Message("because of %(number)s followers")),
    "following": ("following", Message("because of %(number)s accounts followed")),
}
CONNECT_FIRST = Message("Connect the account first. Without a session Rollcall cannot sync.")


@dataclass(frozen=True, slots=True)
class Cooldown:
    """The reason and the end of a profile's cool-down, and whether it then continues by itself."""

    why: str
    until: datetime | None
    by_itself: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """`per_day` None: no limit is set. `walk` None: the counts are not known. `next_list_at` None: not scheduled.

    `is_paced` tells a profile that is read at a human pace; no other has a walk or a limit of requests.
    """

    per_day: int | None
    left: int | None
    resets_at: datetime | None
    next_list_at: datetime | None
    walk: Walk | None
    is_paced: bool

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
            "resets_at": iso(self.resets_at),
            "next_list_at": iso(self.next_list_at),
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
    """The present forecast of coming syncs."""
    limits = _limits(profile)
    today = budget.today(conn, profile.id) if limits.per_day else None
    left = None
    if limits.per_day:
        left = limits.per_day if today is None else max(limits.per_day - today.spent, 0)
    due = None
    if not profile.schedule_paused and profile.state == ProfileState.CONNECTED:
        lists = (profile.next_at(JobKind.SYNC_FOLLOWERS), profile.next_at(JobKind.SYNC_FOLLOWING))
        due = min((at for at in lists if at is not None), default=None)
    walk, ends = _walk(profile, limits, left), today.ends if today else None
    return Outlook(limits.per_day or None, left, ends, due, walk, _is_paced(profile))


def plan_of(profile: ProfileRow) -> Plan:
    """The intervals that follow from the profile's size and the limits."""
    return plan.plan(_size(profile), _limits(profile))


def because(profile: ProfileRow, kind: str, every: timedelta) -> str:
    """Why an automatic interval is longer than usual, such as "because of 120,000 followers"; else empty."""
    if every <= getattr(_default(profile), kind, every):
        return ""
    if kind in _COUNTED:
        column, words = _COUNTED[kind]
        count: int | None = getattr(profile, column)
        return _(words, number=number(count))
    return _("to stay within %(number)s requests a day", number=number(services().settings.requests_per_day))


def walk_words(walk: Walk) -> str:
    """The length of a sync: "less than a minute", "about 40 minutes", "about 3 days, in parts"."""
    if walk.days > 1:
        return _("about %(days)s days, in parts", days=walk.days)
    if walk.length < timedelta(minutes=1):
        return _("less than a minute")
    return _("about %(length)s", length=span(walk.length))


def cooldown_of(profile: ProfileRow) -> Cooldown | None:
    """The running cool-down; None where the profile may be synced, or only a login frees it."""
    if profile.state not in (ProfileState.CONNECTED, ProfileState.COOLING_DOWN):
        return None
    until = profile.cooldown_until if profile.cooldown_until and profile.cooldown_until > datetime.now(UTC) else None
    if profile.state == ProfileState.COOLING_DOWN:
        return Cooldown(_about(profile, SuspectedAutomation.cooldown_reason), until, by_itself=False)
    if until is None:
        return None
    return Cooldown(_about(profile, _why(profile.cooldown_code or RateLimited.code)), until, by_itself=True)


def why_not(profile: ProfileRow) -> str:
    """Returns why an unconnected profile cannot be synced now, and the person's next step."""
    if profile.state == ProfileState.COOLING_DOWN:
        why = _about(profile, SuspectedAutomation.cooldown_reason)
        return f"{why} {_('The profile is in a cool-down. You can end it in its settings.')}"
    return translate(profile.state_reason or CONNECT_FIRST)


def walk_length(profile: ProfileRow) -> str | None:
    """The length of a full sync on a fresh day; None while the counts are not known."""
    walk = _walk(profile, _limits(profile), None)
    return None if walk is None else walk_words(walk)


def example_walks(platform: str) -> list[tuple[int, str]]:
    """(followers, length of a first sync) for accounts of three sizes, each with 500 followed and 200 posts."""
    limits = budget.limits(services().settings, platform_of(platform))
    return [(count, walk_words(plan.walk(Size(count, 500, 200), limits))) for count in (1_000, 10_000, 100_000)]


def _default(profile: ProfileRow) -> Plan:
    """The intervals without any limit."""
    limits = replace(_limits(profile), pace=timedelta(0), jitter=timedelta(0), per_day=0)
    return plan.plan(Size(None, None, None), limits)


def _about(profile: ProfileRow, text: str) -> str:
    return translate(about(text, label_of(profile.platform)))


def _limits(profile: ProfileRow) -> Limits:
    """The limits of the profile's platform; those of the first one where only another version knows it."""
    known = PLATFORMS.get(profile.platform) or next(iter(PLATFORMS.values()))
    return budget.limits(services().settings, known)


def _why(code: str) -> str:
    """The cause of a cool-down by its code; one that this version does not know was a question."""
    kind = with_code(code) or Challenged
    return kind.cooldown_reason or Challenged.cooldown_reason


def _walk(profile: ProfileRow, limits: Limits, left: int | None) -> Walk | None:
    known = profile.followers is not None or profile.following is not None
    return plan.walk(_size(profile), limits, left) if known and _is_paced(profile) else None


def _is_paced(profile: ProfileRow) -> bool:
    known = PLATFORMS.get(profile.platform)
    return known is None or known.is_paced


def _size(profile: ProfileRow) -> Size:
    return Size(profile.followers, profile.following, profile.media_count)
