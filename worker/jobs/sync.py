"""SYNC: everything about one profile in one session, step by step; a retry goes on after the steps that are done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from shared.domain.social import Direction
from shared.store.profiles import ProfileRow
from worker.jobs import derive, look_up, sync_media, sync_people, sync_profile, sync_stories
from worker.jobs.base import JobContext
from worker.jobs.connected import connected
from worker.jobs.steps import Steps, profile_of
from worker.platforms.base import ProfileSource
from worker.services import Services

Step = Callable[[JobContext, Services, ProfileRow, ProfileSource], Awaitable[None]]
_READING: dict[str, Step] = {
    "profile": sync_profile.step,
    "followers": partial(sync_people.step, direction=Direction.FOLLOWER),
    "following": partial(sync_people.step, direction=Direction.FOLLOWING),
    "media": sync_media.step,
    "stories": sync_stories.beside,
}


async def run(ctx: JobContext, services: Services) -> None:
    """Profile, followers, following, media, stories, then the derived days; raises what the steps raise."""
    steps = Steps(ctx)
    if not steps.done.issuperset(_READING):
        async with connected(ctx, services) as (_, source):
            for name, step in _READING.items():
                if name not in steps.done:
                    await step(steps.context(name), services, await profile_of(ctx), source)
                    await steps.finish(name)
    profile = await profile_of(ctx)
    await look_up.enqueue(ctx, profile)
    await derive.step(steps.context("derive"), profile)
