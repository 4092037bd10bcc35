"""SYNC_STORIES: reads the live stories, and sees to it that their viewers are read while the platform shows them."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain import stories as life
from shared.domain.jobs import JobKind
from shared.domain.social import PlatformId
from shared.errors import NotConnected, NotOffered, UnexpectedAnswer
from shared.store.media import stories
from shared.store.media.stories import Story
from shared.store.profiles import connections
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync import story_viewers
from worker.platforms.base import ReadsProfile, ReadsStories, ReadsViewers
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Syncs the stories in a session of its own; raises what `open_session` and the source raise."""
    async with open_session(ctx, services) as (profile, source):
        await step(ctx, services, profile, source)


async def step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """Stores the live stories, schedules their next reading, and reads their viewers, the oldest story first.

    Where the source shows no viewers, and another connection does, they are a job of their own. A retry asks for the
    stories again, which is one request, and continues the viewers at its page. Raises NotOffered where the platform
    shows no stories, and NotConnected before the profile's first reading.
    """
    if not isinstance(source, ReadsStories):
        raise NotOffered
    if profile.external_id is None:
        raise NotConnected
    ctx.progress("stories", 0, None)
    shown = await source.stories(PlatformId(profile.external_id), profile.username)
    ends = [life.expiry(one.posted_at, one.expires_at) for one in shown.value.media]
    async with ctx.transaction() as conn:
        await stories.save(conn, profile.user_id, profile.id, shown.value.media, shown.observed_at)
        await stories.schedule_next(conn, profile.user_id, profile.id, life.last_call(ends, shown.observed_at))
        due = await stories.with_viewers(conn, profile.user_id, profile.id, shown.observed_at)
    read = await _see_to_viewers(ctx, profile, source, due)
    ctx.log.info("stories_read", live=len(shown.value.media), with_viewers=len(due), read=read)


async def tolerant_step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """`step` within a larger job, which an answer in an unknown form does not fail."""
    try:
        await step(ctx, services, profile, source)
    except UnexpectedAnswer as error:
        ctx.log.warning("stories_not_read", error=error.code)


async def _see_to_viewers(ctx: JobContext, profile: ProfileRow, source: ReadsProfile, due: Sequence[Story]) -> int:
    """Reads the viewers, or enqueues that; returns the number of stories whose viewers were read."""
    if isinstance(source, ReadsViewers):
        return await story_viewers.read(ctx, profile, source, due)
    if due:
        async with ctx.reading() as conn:
            chosen = await connections.choose(conn, profile.user_id, profile.id, [JobKind.SYNC_VIEWERS])
        if chosen:
            await ctx.enqueue(JobKind.SYNC_VIEWERS, profile_id=profile.id, priority=ctx.job.priority)
    return 0
