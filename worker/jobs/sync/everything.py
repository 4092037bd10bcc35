"""SYNC: everything about one profile in one session, step by step; a retry continues after the finished steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from shared.domain.jobs import JobKind
from shared.domain.social import Direction
from shared.errors import JobError
from shared.errors.effect import JobEffect
from shared.platforms import platform_of
from shared.store.profiles.profiles import ProfileRow
from worker.jobs import derive
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync import audience, follow_list, insights, live_stories, lost_followers, media_tabs, profile_facts
from worker.jobs.sync.steps import Steps, profile_of
from worker.platforms.base import ReadsAudience, ReadsInsights, ReadsMedia, ReadsPeople, ReadsProfile, ReadsStories
from worker.services import Services

Step = Callable[[JobContext, Services, ProfileRow, ReadsProfile], Awaitable[None]]
_LISTS: dict[str, Step] = {
    "followers": partial(follow_list.step, direction=Direction.FOLLOWER),
    "following": partial(follow_list.step, direction=Direction.FOLLOWING),
    "media": media_tabs.step,
    "stories": live_stories.tolerant_step,
    "insights": insights.tolerant_step,
    "audience": audience.tolerant_step,
}
_READING: dict[str, Step] = {"profile": profile_facts.step, **_LISTS}
# A step is left out where the platform does not declare its kind, or its source does not offer the reading.
_NEEDS: dict[str, tuple[JobKind, type]] = {
    "profile": (JobKind.SYNC_PROFILE, ReadsProfile),
    "followers": (JobKind.SYNC_FOLLOWERS, ReadsPeople),
    "following": (JobKind.SYNC_FOLLOWING, ReadsPeople),
    "media": (JobKind.SYNC_MEDIA, ReadsMedia),
    "stories": (JobKind.SYNC_STORIES, ReadsStories),
    "insights": (JobKind.SYNC_INSIGHTS, ReadsInsights),
    "audience": (JobKind.SYNC_AUDIENCE, ReadsAudience),
}


async def run(ctx: JobContext, services: Services) -> None:
    """Profile, followers, following, media, stories, official figures, audience, then the derived days.

    A list that cannot be read does not stop the others; its error is raised at the end. Any other error of a step ends
    the job at once.
    """
    steps = Steps(ctx)
    failed: list[JobError] = []
    kinds = platform_of((await profile_of(ctx)).platform).kinds
    if not steps.done.issuperset(name for name, (kind, _) in _NEEDS.items() if kind in kinds):
        async with open_session(ctx, services) as (profile, source):
            for name in _offered(profile, source):
                if name not in steps.done and (error := await _read(ctx, services, source, steps, name)) is not None:
                    failed.append(error)
    profile = await profile_of(ctx)
    await lost_followers.enqueue(ctx, profile)
    await derive.step(steps.context("derive"), profile)
    if failed:
        raise _verdict(failed)


async def _read(ctx: JobContext, services: Services, source: ReadsProfile, steps: Steps, name: str) -> JobError | None:
    """Runs one step; returns its error if that concerns its list alone."""
    step = steps.context(name)
    try:
        await _READING[name](step, services, await profile_of(ctx), source)
    except JobError as error:
        if name not in _LISTS or not error.effect.of_one_list:
            raise
        step.log.warning("list_left_for_later", error=error.code)
        steps.leave(step)
        return error
    await steps.finish(name)
    return None


def _offered(profile: ProfileRow, source: ReadsProfile) -> list[str]:
    kinds = platform_of(profile.platform).kinds
    return [name for name, (kind, reads) in _NEEDS.items() if kind in kinds and isinstance(source, reads)]


def _verdict(failed: list[JobError]) -> JobError:
    """The error of the job: one that passes, so that the job is retried; else the first one."""
    return next((error for error in failed if error.effect.job is JobEffect.RETRY), failed[0])
