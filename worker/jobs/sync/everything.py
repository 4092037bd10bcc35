"""SYNC: everything about one profile, step by step in one session; a retry continues after the finished steps.

What another connection of the profile does better is a job of its own, in that connection's lane.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from shared.domain.jobs import JobKind
from shared.domain.social import Direction
from shared.errors import JobError
from shared.errors.effect import JobEffect
from shared.platforms import platform_of
from shared.store.profiles import connections
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
    "media": media_tabs.tolerant_step,
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


_HANDED_ON = "others"


async def run(ctx: JobContext, services: Services) -> None:
    """Profile, followers, following, media, stories, official figures, audience, then the derived days.

    A list that cannot be read does not stop the others; its error is raised at the end. Any other error of a step ends
    the job at once.
    """
    steps = Steps(ctx)
    failed: list[JobError] = []
    wanted = await _hand_on(ctx, steps, await profile_of(ctx))
    if not steps.done.issuperset(wanted):
        async with open_session(ctx, services) as (_profile, source):
            for name in (name for name in wanted if isinstance(source, _NEEDS[name][1])):
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


async def _hand_on(ctx: JobContext, steps: Steps, profile: ProfileRow) -> list[str]:
    """Enqueues what another connection does, unless the job is of one way in; returns the steps of this connection."""
    kinds = platform_of(profile.platform).kinds
    own = {name: kind for name, (kind, _) in _NEEDS.items() if kind in kinds}
    async with ctx.reading() as conn:
        chosen = await connections.choose(conn, profile.user_id, profile.id, own.values())
    others = {name for name, kind in own.items() if chosen.get(kind, ctx.job.connection_id) != ctx.job.connection_id}
    if others and _HANDED_ON not in steps.done:
        if "way_in" not in ctx.job.args:
            for name in sorted(others):
                await ctx.enqueue(own[name], profile_id=profile.id, priority=ctx.job.priority)
        await steps.finish(_HANDED_ON)
    return [name for name in own if name not in others]


def _verdict(failed: list[JobError]) -> JobError:
    """The error of the job: one that passes, so that the job is retried; else the first one."""
    return next((error for error in failed if error.effect.job is JobEffect.RETRY), failed[0])
