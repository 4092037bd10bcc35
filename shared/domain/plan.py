"""Plans an account's syncs within its limits: the requests of a walk, its length, and the interval of each kind.

Pure. The numbers come from docs/platforms/instagram.md: about 25 followers and 50 following a page (IG-5.2), and 75
requests in 660 seconds, the most careful of the limits that other tools keep to (IG-9.1). Where two such windows meet,
at most 150 requests fall into 660 seconds, still fewer than the 172 of another tool. The day's limit is a setting; its
default of 1000 equals some twenty minutes of a person's own clicking (IG-9.2: 193 calls in 251 seconds).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from shared.domain.job_kinds import EVERY
from shared.domain.jobs import JobKind

WINDOW = timedelta(seconds=660)
PER_WINDOW = 75
_DAY = timedelta(days=1)
_FOLLOWERS_A_PAGE, _FOLLOWING_A_PAGE, _POSTS_A_PAGE, _REELS_A_PAGE = 25, 50, 33, 50
# One in ten of a day's requests is for the work that comes last: likers, look-ups.
_OPTIONAL_SHARE = 10
# One request opens the site's page, and two read the counter before and after a list.
_AROUND_A_LIST = 3
_LIST_EVERY = tuple(timedelta(days=n) for n in (1, 2, 3, 4, 5, 7, 10, 14, 21, 30))


@dataclass(frozen=True, slots=True)
class Limits:
    """`pace` and up to `jitter` more between two requests; `per_day` requests in 24 hours, 0 for no limit."""

    pace: timedelta
    jitter: timedelta
    per_day: int

    @property
    def is_off(self) -> bool:
        return not self.pace and not self.jitter and not self.per_day

    @property
    def per_window(self) -> int:
        """The most requests in WINDOW, 0 for as many as the pace allows; it applies where the day has a limit."""
        return PER_WINDOW if self.per_day else 0

    def lasting(self, requests: int) -> timedelta:
        """The time of this many requests at this pace, without the platform's own time to answer."""
        pause = self.pace + self.jitter / 2
        if not self.per_window:
            return pause * requests
        full, rest = divmod(max(requests - 1, 0), self.per_window)
        return max(pause * self.per_window, WINDOW) * full + pause * (rest + min(requests, 1))

    def a_day(self) -> int | None:
        """The most requests in a day, by the budget and by the pace; None without either."""
        pause = self.pace + self.jitter / 2
        paced = int(_DAY / pause) if pause else None
        known = [most for most in (paced, self.per_day or None) if most is not None]
        return min(known, default=None)


@dataclass(frozen=True, slots=True)
class Size:
    """The profile's own counts; None where one is not known yet."""

    followers: int | None
    following: int | None
    media: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The interval of each kind. `steady` requests a day go to all but lists, `room` are for lists (None: no limit)."""

    profile: timedelta
    followers: timedelta
    following: timedelta
    media: timedelta
    stories: timedelta
    likers: timedelta
    steady: int
    room: int | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A coming sync of everything: its `requests`, its `length`, and the number of `days` that it takes."""

    requests: int
    length: timedelta
    days: int


@dataclass(frozen=True, slots=True)
class _Rhythm:
    profile: timedelta
    media: timedelta
    stories: timedelta

    def a_day(self) -> int:
        """Requests of a usual day: each sync opens a page and asks once for each thing; plus the session check."""
        costs = ((self.profile, 2), (self.media, 4), (self.stories, 4), (EVERY[JobKind.CHECK_SESSION], 2))
        return sum(ceil(_DAY / every) * cost for every, cost in costs)


# The default rhythm first, then rarer ones.
_RHYTHMS = (
    _Rhythm(EVERY[JobKind.SYNC_PROFILE], EVERY[JobKind.SYNC_MEDIA], EVERY[JobKind.SYNC_STORIES]),
    *(_Rhythm(*(timedelta(hours=hours) for hours in row)) for row in ((6, 12, 4), (8, 12, 8), (12, 24, 12))),
)


def followers_pages(followers: int | None) -> int:
    """Requests of one walk through the followers."""
    return _AROUND_A_LIST + ceil((followers or 0) / _FOLLOWERS_A_PAGE)


def following_pages(following: int | None) -> int:
    """Requests of one walk through the following list."""
    return _AROUND_A_LIST + ceil((following or 0) / _FOLLOWING_A_PAGE)


def media_pages(media: int | None) -> int:
    """Requests of one walk through all posts and reels."""
    return 1 + ceil((media or 0) / _POSTS_A_PAGE) + ceil((media or 0) / _REELS_A_PAGE)


def plan(size: Size, limits: Limits) -> Plan:
    """The shortest intervals that fit into a day's requests, with a tenth left for the work that comes last."""
    day = limits.a_day()
    rhythm = next((r for r in _RHYTHMS if day is None or 2 * r.a_day() <= day), _RHYTHMS[-1])
    steady = rhythm.a_day()
    room = None if day is None else max(day - steady - day // _OPTIONAL_SHARE, 1)
    followers, following = _lists(followers_pages(size.followers), following_pages(size.following), room)
    return Plan(
        rhythm.profile, followers, following, rhythm.media, rhythm.stories, EVERY[JobKind.SYNC_LIKERS], steady, room
    )


def reserved(size: Size, per_day: int, remaining: timedelta, follower_walk: bool, following_walk: bool) -> int:
    """Requests that lists and counters still need in the rest of the day; likers always keep their share."""
    chosen = plan(size, Limits(timedelta(0), timedelta(0), per_day))
    steady = ceil(chosen.steady * (min(remaining, _DAY) / _DAY))
    lists = followers_pages(size.followers) * follower_walk + following_pages(size.following) * following_walk
    return min(steady + lists, per_day - per_day // _OPTIONAL_SHARE)


def walk(size: Size, limits: Limits, left: int | None = None) -> Walk:
    """The sync of everything: profile, both lists, all posts and reels; in parts where a day is too short.

    `left` is the number of requests left today, None for a whole day's.
    """
    requests = 2 + followers_pages(size.followers) + following_pages(size.following) + media_pages(size.media)
    chosen = plan(size, limits)
    if chosen.room is None:
        return Walk(requests, limits.lasting(requests), 1)
    first = chosen.room if left is None else min(max(left - chosen.steady, 0), chosen.room)
    if requests <= first:
        return Walk(requests, limits.lasting(requests), 1)
    further, tail = divmod(requests - first, chosen.room)
    days = further + bool(tail)
    return Walk(requests, _DAY * days + limits.lasting(tail or chosen.room), days + 1)


def _lists(followers: int, following: int, room: int | None) -> tuple[timedelta, timedelta]:
    """The intervals of both lists: the costlier list is read less often, until both fit or neither can be rarer."""
    costs, steps = (followers, following), [0, 0]
    while room is not None and sum(map(_a_day, costs, steps)) > room:
        dearer = max((0, 1), key=lambda i: _a_day(costs[i], steps[i]))
        if steps[dearer] == len(_LIST_EVERY) - 1:
            break
        steps[dearer] += 1
    return _LIST_EVERY[steps[0]], _LIST_EVERY[steps[1]]


def _a_day(cost: int, step: int) -> float:
    return cost * (_DAY / _LIST_EVERY[step])
