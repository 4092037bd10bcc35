"""SYNC_VIEWERS: reads who viewed the stories that another connection of the profile has read."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.engagers import Engagers, EngagerWalk, Role
from shared.domain.social import PlatformId
from shared.errors import NotOffered, UnexpectedAnswer, UnknownUser
from shared.store.media import engagers, stories
from shared.store.media.engagers import Whose
from shared.store.media.stories import Story
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext, JsonObject
from worker.jobs.connect.session import open_session
from worker.jobs.sync.budget_room import has_room
from worker.platforms.base import ReadsViewers
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Reads them in a session of its own; raises what `open_session` and the source raise, and NotOffered."""
    async with open_session(ctx, services) as (profile, source):
        if not isinstance(source, ReadsViewers):
            raise NotOffered
        seen_at = (await source.profile(profile.username)).observed_at
        async with ctx.reading() as conn:
            due = await stories.with_viewers(conn, profile.user_id, profile.id, seen_at)
        done = await read(ctx, profile, source, due)
    ctx.log.info("viewers_read", with_viewers=len(due), read=done)


async def read(ctx: JobContext, profile: ProfileRow, source: ReadsViewers, due: Sequence[Story]) -> int:
    """Reads the viewers of these stories, as far as today's budget allows; returns the number of stories read."""
    done = 0
    for number, story in enumerate(due):
        ctx.progress("stories", number, len(due))
        done += await _viewers(ctx, profile, source, story)
    ctx.progress("stories", len(due), len(due))
    return done


async def _viewers(ctx: JobContext, profile: ProfileRow, source: ReadsViewers, story: Story) -> bool:
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
