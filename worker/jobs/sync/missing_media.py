"""Looks for media that a whole reading of the tabs did not show: in the archive, where there is one, or by id."""

from __future__ import annotations

from uuid import UUID

from shared.domain.social import MediaPage, Observation, PlatformId
from shared.errors import ListNotVisible, UnexpectedAnswer, UnknownUser
from shared.store.files import imported_insights
from shared.store.media import missing_media, publish_media
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.sync.budget_room import has_room
from worker.platforms.base import LooksUpMedia, ReadsArchive, ReadsMedia

# At most this many are looked up after one reading; the rest after the next one.
_MOST = 25
_ARCHIVE_PAGES = 10


async def look(ctx: JobContext, profile: ProfileRow, source: ReadsMedia, run_id: UUID, *, archive: bool) -> None:
    """Marks media that a whole reading missed, and tells deleted from archived ones as far as today's budget allows.

    With `archive` the archive is read in any case, to its end, because media archived before their first reading are
    only there.
    """
    async with ctx.transaction() as conn:
        newly = await missing_media.mark_missing(conn, profile.user_id, profile.id, run_id)
        due = await missing_media.missing(conn, profile.user_id, profile.id, _MOST)
    if not due and not archive:
        return
    archived, added = set[str](), 0
    if isinstance(source, ReadsArchive):
        archived, added = await _archived(ctx, profile, source, set(due), archive)
    deleted = 0
    if isinstance(source, LooksUpMedia):
        deleted = await _deleted(ctx, profile, source, [one for one in due if one not in archived])
    ctx.log.info("media_missed", newly=newly, archived=len(archived), deleted=deleted, archived_before=added)


async def _archived(
    ctx: JobContext, profile: ProfileRow, source: ReadsArchive, due: set[str], to_the_end: bool
) -> tuple[set[str], int]:
    """The missing media that are in the archive (none if it cannot be read), and the number of others stored from it.

    Reading stops once all missing ones were found; `to_the_end` continues, and stores media never seen before.
    """
    owner, found, cursor, added = PlatformId(profile.external_id or ""), set[str](), None, 0
    for _ in range(_ARCHIVE_PAGES):
        if not await has_room(ctx, profile):
            break
        ctx.check()
        try:
            page = await source.archive_page(owner, profile.username, cursor)
        except (UnexpectedAnswer, UnknownUser, ListNotVisible) as error:
            ctx.log.warning("archive_not_read", error=error.code)
            break
        found |= {str(one.platform_id) for one in page.value.media} & due
        if to_the_end:
            added += await _keep(ctx, profile, page)
        if page.value.next_cursor in (None, cursor) or (found == due and not to_the_end):
            break
        cursor = page.value.next_cursor
    async with ctx.transaction() as conn:
        await missing_media.mark_archived(conn, profile.user_id, profile.id, sorted(found))
    return found, added


async def _keep(ctx: JobContext, profile: ProfileRow, page: Observation[MediaPage]) -> int:
    """Stores media that the tabs never showed; figures of data downloads are joined to them at once."""
    async with ctx.transaction() as conn:
        added = await publish_media.add_archived(conn, profile.user_id, profile.id, page.value.media, page.observed_at)
        if added:
            await imported_insights.join_media(conn, profile.user_id, profile.id)
    return added


async def _deleted(ctx: JobContext, profile: ProfileRow, source: LooksUpMedia, due: list[str]) -> int:
    """The number of these that are deleted, as far as today's budget allows to ask."""
    deleted = 0
    for platform_id in due:
        if await has_room(ctx, profile):
            ctx.check()
            deleted += await _by_id(ctx, profile, source, PlatformId(platform_id))
    return deleted


async def _by_id(ctx: JobContext, profile: ProfileRow, source: LooksUpMedia, platform_id: PlatformId) -> bool:
    """Whether it is deleted; a medium that the platform still shows by its id is not gone at all."""
    owner = PlatformId(profile.external_id or "")
    try:
        reading = await source.media(platform_id, owner, profile.username)
    except UnexpectedAnswer as error:
        ctx.log.warning("media_not_looked_up", error=error.code)
        return False
    async with ctx.transaction() as conn:
        if reading.value is None:
            await missing_media.mark_deleted(conn, profile.user_id, profile.id, platform_id)
        else:
            await missing_media.mark_back(conn, profile.user_id, profile.id, platform_id, reading.observed_at)
    return reading.value is None
