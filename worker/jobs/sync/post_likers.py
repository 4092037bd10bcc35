"""SYNC_LIKERS: reads the likers of the last posts, as far as the platform shows them and the day's requests allow."""

from __future__ import annotations

from shared.domain.engagers import Engagers, Role
from shared.domain.social import PlatformId, Viewer
from shared.errors import NotOffered, UnexpectedAnswer, UnknownUser
from shared.store.media import engagers
from shared.store.media.engagers import Liked, Whose
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync.budget_room import has_room
from worker.jobs.sync.steps import profile_of
from worker.platforms.base import ReadsLikers
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Reads the unknown likers of the last twelve posts, the longest unread first.

    Opens no session where there is nothing to read or no budget today. Raises what `open_session` and the source raise.
    """
    profile = await profile_of(ctx)
    async with ctx.reading() as conn:
        due = await engagers.posts_to_read(conn, profile.user_id, profile.id)
    if not due or not await has_room(ctx, profile):
        ctx.log.info("likers_left_for_later", posts=len(due))
        return
    async with open_session(ctx, services) as (profile, source):
        if not isinstance(source, ReadsLikers):
            raise NotOffered
        await _read(ctx, profile, source, due)


async def _read(ctx: JobContext, profile: ProfileRow, source: ReadsLikers, due: list[Liked]) -> None:
    read = 0
    for number, post in enumerate(due):
        ctx.check()
        ctx.progress("likers", number, len(due))
        if not await has_room(ctx, profile):
            break
        read += await _likers(ctx, profile, source, post)
    ctx.progress("likers", len(due), len(due))
    ctx.log.info("likers_read", posts=read, of=len(due))


async def _likers(ctx: JobContext, profile: ProfileRow, source: ReadsLikers, post: Liked) -> bool:
    """Whether the post's likers could be read; a post that is gone or refused does not stop the others.

    Their total is the post's like count where it is known, because the list counts only the people that it shows.
    """
    try:
        reading = await source.likers(PlatformId(post.platform_id), profile.username)
    except (UnknownUser, UnexpectedAnswer) as error:
        ctx.log.warning("likers_not_read", media=post.id, error=error.code)
        return False
    total = reading.value.total if post.likes is None else max(post.likes, reading.value.total or 0)
    whose, shown = (
        Whose(profile.user_id, profile.id, post.id, Role.LIKER),
        [Viewer(one) for one in reading.value.people],
    )
    async with ctx.transaction() as conn:
        known = await engagers.add(conn, whose, shown, reading.observed_at)
        await engagers.record(conn, whose, Engagers(known, total), reading.observed_at)
        await ctx.save_cursor(conn, None, len(shown))
    return True
