"""SYNC_STORIES: reads the live stories, and their viewers while the platform still shows them."""

from __future__ import annotations

from shared.domain import stories as life
from shared.domain.engagers import Engagers, EngagerWalk, Role
from shared.domain.social import PlatformId
from shared.errors import NotConnected, NotOffered, UnexpectedAnswer, UnknownUser
from shared.store.media import engagers, official_media, stories
from shared.store.media.engagers import Whose
from shared.store.media.stories import Story
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext, JsonObject
from worker.jobs.connect.session import open_session
from worker.jobs.sync import media_insights
from worker.jobs.sync.budget_room import has_room
from worker.jobs.sync.origin import owner_of
from worker.platforms.base import ReadsProfile, ReadsStories, ReadsStoryViewers
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Syncs the stories in a session of its own; raises what `open_session` and the source raise."""
    async with open_session(ctx, services) as (profile, source):
        await step(ctx, services, profile, source)


async def step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """Stores the live stories, schedules their next reading, and reads their viewers, the oldest story first.

    A retry asks for the stories again, which is one request, and continues the viewers at its page. Raises NotOffered
    where the platform shows no stories, and NotConnected before the profile's first reading.
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
        await official_media.note(conn, await owner_of(ctx, conn, profile), shown.value.media)
        await stories.schedule_next(conn, profile.user_id, profile.id, life.last_call(ends, shown.observed_at))
        due = await stories.with_viewers(conn, profile.user_id, profile.id, shown.observed_at)
    await media_insights.step(ctx, services, profile, source, stories=True)
    if not isinstance(source, ReadsStoryViewers):
        ctx.log.info("stories_read", live=len(shown.value.media))
        return
    read = 0
    for number, story in enumerate(due):
        ctx.progress("stories", number, len(due))
        read += await _viewers(ctx, profile, source, story)
    ctx.progress("stories", len(due), len(due))
    ctx.log.info("stories_read", live=len(shown.value.media), with_viewers=len(due), read=read)


async def tolerant_step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """`step` within a larger job, which an answer in an unknown form does not fail."""
    try:
        await step(ctx, services, profile, source)
    except UnexpectedAnswer as error:
        ctx.log.warning("stories_not_read", error=error.code)


async def _viewers(ctx: JobContext, profile: ProfileRow, source: ReadsStoryViewers, story: Story) -> bool:
    """Reads one story's viewers to the end; False where the day's requests are reserved for the lists."""
    walk = EngagerWalk(_saved(ctx, story))
    whose = Whose(profile.user_id, profile.id, story.id, Role.VIEWER)
    while not walk.ended:
        ctx.check()
        if not await has_room(ctx, profile):
            ctx.log.info("viewers_left_for_later", story=story.id)
            return False
        try:
            page = await source.story_viewers(PlatformId(story.platform_id), profile.username, walk.cursor)
        except (UnknownUser, UnexpectedAnswer) as error:
            # A story that was removed in the meantime does not stop the others.
            ctx.log.warning("viewers_not_read", story=story.id, error=error.code)
            return False
        shown, at = page.value, page.observed_at
        async with ctx.transaction() as conn:
            known = _known(await engagers.add(conn, whose, shown.viewers, at), shown.total)
            cursor: JsonObject | None = {"story": story.platform_id, "cursor": shown.next_cursor}
            if walk.feed((one.person.platform_id for one in shown.viewers), shown.next_cursor, known):
                await engagers.record(conn, whose, known, at)
                cursor = None
            await ctx.save_cursor(conn, cursor, len(shown.viewers))
    return True


def _known(known: int, total: int | None) -> Engagers:
    """The known part of the viewers; a total of zero, for a story with known viewers, counts as unknown."""
    return Engagers(known, None if known and not total else total)


def _saved(ctx: JobContext, story: Story) -> str | None:
    """The point in this story's viewers at which an earlier attempt of this job stopped."""
    saved = ctx.job.cursor or {}
    cursor = saved.get("cursor") if saved.get("story") == story.platform_id else None
    return cursor if isinstance(cursor, str) else None
