"""The requests of a job of each kind, and its follow-up jobs. Pure; the page counts are the product's own.

A job that drives a session opens a page and asks whose session it is first (`_OPENING`), again after each wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from random import Random

from bench.capacity.assumptions import Guess
from shared.domain.engagers import LAST_POSTS
from shared.domain.job_kinds import EVERY, JOB_KINDS, BudgetClass
from shared.domain.jobs import JobKind
from shared.domain.plan import Limits, PageSizes, Plan, Size, plan, requests_to_reserve
from shared.domain.traversal.media_walk import SETTLED_AFTER, WHOLE_EVERY
from worker.jobs.sync.lost_followers import MOST

OPENING = 2
# Two tabs of a reading that stops at what does not move any more; the stories, and their first viewers.
_RECENT_MEDIA, _STORIES = 2, 1
VIEWERS_A_PAGE = 50
_DAY = timedelta(days=1)
ALWAYS = frozenset(kind for kind, spec in JOB_KINDS.items() if spec.budget is BudgetClass.FIRST)
"""May use up the day; lists and posts leave them what they need (worker.rate_limiter)."""
LAST = frozenset(kind for kind, spec in JOB_KINDS.items() if spec.budget is BudgetClass.LAST)
"""Read with what the day has left over; what has no room is left out instead of waited for."""
_BEFORE_DAYS = frozenset({JobKind.SYNC_FOLLOWERS, JobKind.SYNC_FOLLOWING, JobKind.SYNC_MEDIA})


@dataclass(frozen=True, slots=True)
class JobRequests:
    """Requests of a job behind its opening: those it waits for, and those that it makes only where there is room."""

    wanted: int
    optional: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile of the fleet: its size, its plan at the limits, and what of its day is kept for what goes first.

    `pages` are the sizes of its platform's answers.
    """

    size: Size
    plan: Plan
    kept: int
    pages: PageSizes

    @classmethod
    def of(cls, size: Size, limits: Limits) -> Profile:
        kept = requests_to_reserve(size, limits.per_day, limits.pages, _DAY, follower_walk=True, following_walk=True)
        return cls(size, plan(size, limits), kept, limits.pages)

    def every(self) -> dict[JobKind, timedelta]:
        """The schedule that the plan gives."""
        chosen = self.plan
        return {
            JobKind.SYNC_PROFILE: chosen.profile,
            JobKind.SYNC_FOLLOWERS: chosen.followers,
            JobKind.SYNC_FOLLOWING: chosen.following,
            JobKind.SYNC_MEDIA: chosen.media,
            JobKind.SYNC_STORIES: chosen.stories,
            JobKind.SYNC_LIKERS: chosen.likers,
            JobKind.CHECK_SESSION: EVERY[JobKind.CHECK_SESSION],
            JobKind.DERIVE: EVERY[JobKind.DERIVE],
        }


def job_requests(kind: JobKind, of: Profile, guess: Guess, rng: Random) -> JobRequests:
    """The requests of one job of this kind."""
    size = of.size
    match kind:
        case JobKind.SYNC_FOLLOWERS:
            return JobRequests(of.pages.follower_requests(size.followers) - OPENING)
        case JobKind.SYNC_FOLLOWING:
            return JobRequests(of.pages.following_requests(size.following) - OPENING)
        case JobKind.SYNC_MEDIA:
            whole = rng.random() < of.plan.media / WHOLE_EVERY
            return JobRequests(max(of.pages.media_requests(size.media) - 1, _RECENT_MEDIA) if whole else _RECENT_MEDIA)
        case JobKind.SYNC_STORIES:
            return JobRequests(_STORIES, ceil(guess.stories_a_day * ceil(viewers(of, guess) / VIEWERS_A_PAGE)))
        case JobKind.SYNC_LIKERS:
            moving = min(LAST_POSTS, size.media or 0, ceil(guess.posts_a_day * (SETTLED_AFTER / _DAY)))
            return JobRequests(0, moving)
        case JobKind.LOOK_UP:
            return JobRequests(0, 2 * min(losses(of, guess), MOST))
        case _:
            return JobRequests(0)


def viewers(of: Profile, guess: Guess) -> int:
    """The number of people who view one story."""
    return round((of.size.followers or 0) * guess.viewers)


def losses(of: Profile, guess: Guess) -> int:
    """The number of losses between two readings of the followers: half of the people who moved."""
    return round((of.size.followers or 0) * guess.followers_moved / 2 * (of.plan.followers / _DAY))


def follow_ups(kind: JobKind, of: Profile, guess: Guess) -> list[JobKind]:
    """The jobs that a finished one leaves, as `worker.jobs` does."""
    if kind is JobKind.SYNC_FOLLOWERS and losses(of, guess):
        return [JobKind.DERIVE, JobKind.LOOK_UP]
    return [JobKind.DERIVE] if kind in _BEFORE_DAYS else []
