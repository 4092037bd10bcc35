"""What a whole reading of the tabs did not show: looked for in the archive, then by its id."""

from __future__ import annotations

from uuid import UUID

from shared.domain.social import PlatformId
from shared.errors import UnexpectedAnswer
from shared.store import media_gone
from shared.store.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.room import has_room
from worker.platforms.base import ProfileSource

# So many are looked up after one reading; the rest after the next one.
_MOST = 25
_ARCHIVE_PAGES = 10


async def look(ctx: JobContext, profile: ProfileRow, source: ProfileSource, run_id: UUID) -> None:
    """Marks what the reading missed, if it was whole, and tells deleted from archived as far as the day has room."""
    async with ctx.transaction() as conn:
        newly = await media_gone.mark_missing(conn, profile.user_id, profile.id, run_id)
        due = await media_gone.missing(conn, profile.user_id, profile.id, _MOST)
    if not due:
        return
    archived = await _archived(ctx, profile, source, set(due))
    deleted = 0
    for platform_id in due:
        if platform_id not in archived and await has_room(ctx, profile):
            ctx.check()
            deleted += await _by_id(ctx, profile, source, PlatformId(platform_id))
    ctx.log.info("media_missed", newly=newly, archived=len(archived), deleted=deleted)


async def _archived(ctx: JobContext, profile: ProfileRow, source: ProfileSource, due: set[str]) -> set[str]:
    """Those of them that stand in the archive; none where the archive cannot be read."""
    owner, found, cursor = PlatformId(profile.external_id or ""), set[str](), None
    for _ in range(_ARCHIVE_PAGES):
        if not await has_room(ctx, profile):
            break
        try:
            page = (await source.archived(owner, profile.username, cursor)).value
        except UnexpectedAnswer as error:
            ctx.log.warning("archive_not_read", error=error.code)
            break
        found |= {str(one.platform_id) for one in page.media} & due
        if page.next_cursor in (None, cursor) or found == due:
            break
        cursor = page.next_cursor
    async with ctx.transaction() as conn:
        await media_gone.mark_archived(conn, profile.user_id, profile.id, sorted(found))
    return found


async def _by_id(ctx: JobContext, profile: ProfileRow, source: ProfileSource, platform_id: PlatformId) -> bool:
    """Whether it is deleted; one that the platform still shows by its id is not gone at all."""
    owner = PlatformId(profile.external_id or "")
    try:
        reading = await source.media(platform_id, owner, profile.username)
    except UnexpectedAnswer as error:
        ctx.log.warning("media_not_looked_up", error=error.code)
        return False
    async with ctx.transaction() as conn:
        if reading.value is None:
            await media_gone.mark_deleted(conn, profile.user_id, profile.id, platform_id)
        else:
            await media_gone.mark_back(conn, profile.user_id, profile.id, platform_id, reading.observed_at)
    return reading.value is None
