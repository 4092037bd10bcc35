"""Plans an account's syncs within its limits: the requests of a walk, its length, and the interval of each kind.

Pure. Page sizes and the window come from the platform's declaration (`shared/platforms`). The day's limit is a setting;
its default of 1000 equals some twenty minutes of a person's own clicking (docs/platforms/instagram.md, IG-9.2: 193
calls in 251 seconds).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from shared.domain.job_kinds import EVERY
from shared.domain.jobs import JobKind

_DAY = timedelta(days=1)
# One in ten of a day's requests is for the work that comes last: likers, look-ups.
_OPTIONAL_SHARE = 10
# One request opens the site's page, and two read the counter before and after a list.
_AROUND_A_LIST = 3
_LIST_EVERY = tuple(timedelta(days=n) for n in (1, 2, 3, 4, 5, 7, 10, 14, 21, 30))


@dataclass(frozen=True, slots=True)
class PageSizes:
    """The number of rows in one answer of a platform, by what is read."""

    followers: int
    following: int
    posts: int
    reels: int

    def follower_requests(self, followers: int | None) -> int:
        """Requests of one walk through the followers."""
        return _AROUND_A_LIST + ceil((followers or 0) / self.followers)

    def following_requests(self, following: int | None) -> int:
        """Requests of one walk through the following list."""
        return _AROUND_A_LIST + ceil((following or 0) / self.following)

    def media_requests(self, media: int | None) -> int:
        """Requests of one walk through all posts and reels."""
        return 1 + ceil((media or 0) / self.posts) + ceil((media or 0) / self.reels)


@dataclass(frozen=True, slots=True)
class Window:
    """At most `requests` in `length`, however much of the day's budget is left."""

    length: timedelta
    requests: int


@dataclass(frozen=True, slots=True)
class Limits:
    """`pace` and up to `jitter` more between two requests; `per_day` requests in 24 hours, 0 for no limit.

    `pages` and `window` are the platform's own.
    """

    pace: timedelta
    jitter: timedelta
    per_day: int
    pages: PageSizes
    window: Window

    @property
    def is_off(self) -> bool:
        return not self.pace and not self.jitter and not self.per_day

    @property
    def per_window(self) -> int:
        """The most requests in the window, 0 for as many as the pace allows; it applies where the day has a limit."""
        return self.window.requests if self.per_day else 0

    def lasting(self, requests: int) -> timedelta:
        """The time of this many requests at this pace, without the platform's own time to answer."""
        pause = self.pace + self.jitter / 2
        if not self.per_window:
            return pause * requests
        full, rest = divmod(max(requests - 1, 0), self.per_window)
        return max(pause * self.per_window, self.window.length) * full + pause * (rest + min(requests, 1))

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

    def intervals(self) -> dict[JobKind, timedelta]:
        """How often each kind is due by this plan."""
        return {
            JobKind.SYNC_PROFILE: self.profile,
            JobKind.SYNC_FOLLOWERS: self.followers,
            JobKind.SYNC_FOLLOWING: self.following,
            JobKind.SYNC_MEDIA: self.media,
            JobKind.SYNC_STORIES: self.stories,
            JobKind.SYNC_LIKERS: self.likers,
        }


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


def plan(size: Size, limits: Limits) -> Plan:
    """The shortest intervals that fit into a day's requests, with a tenth left for the work that comes last."""
    return _plan(size, limits.a_day(), limits.pages)


def requests_to_reserve(
    size: Size, per_day: int, pages: PageSizes, remaining: timedelta, *, follower_walk: bool, following_walk: bool
) -> int:
    """Requests that lists and counters still need in the rest of the day; likers always keep their share."""
    chosen = _plan(size, per_day or None, pages)
    steady = ceil(chosen.steady * (min(remaining, _DAY) / _DAY))
    lists = pages.follower_requests(size.followers) * follower_walk
    lists += pages.following_requests(size.following) * following_walk
    return min(steady + lists, per_day - per_day // _OPTIONAL_SHARE)


def walk(size: Size, limits: Limits, left: int | None = None) -> Walk:
    """The sync of everything: profile, both lists, all posts and reels; in parts where a day is too short.

    `left` is the number of requests left today, None for a whole day's.
    """
    pages = limits.pages
    requests = 2 + pages.follower_requests(size.followers) + pages.following_requests(size.following)
    requests += pages.media_requests(size.media)
    chosen = plan(size, limits)
    if chosen.room is None:
        return Walk(requests, limits.lasting(requests), 1)
    first = chosen.room if left is None else min(max(left - chosen.steady, 0), chosen.room)
    if requests <= first:
        return Walk(requests, limits.lasting(requests), 1)
    further, tail = divmod(requests - first, chosen.room)
    days = further + bool(tail)
    return Walk(requests, _DAY * days + limits.lasting(tail or chosen.room), days + 1)


def _plan(size: Size, day: int | None, pages: PageSizes) -> Plan:
    rhythm = next((r for r in _RHYTHMS if day is None or 2 * r.a_day() <= day), _RHYTHMS[-1])
    steady = rhythm.a_day()
    room = None if day is None else max(day - steady - day // _OPTIONAL_SHARE, 1)
    followers, following = _lists(
        pages.follower_requests(size.followers), pages.following_requests(size.following), room
    )
    return Plan(
        rhythm.profile, followers, following, rhythm.media, rhythm.stories, EVERY[JobKind.SYNC_LIKERS], steady, room
    )


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
