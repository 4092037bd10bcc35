"""LOOK_UP: asks the platform about lost people, one by one: unfollowed, gone, or still there."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.domain.jobs import SCHEDULED_PRIORITY, JobKind
from shared.errors import NotOffered
from shared.platforms import platform_of
from shared.store.followers import lost_followers
from shared.store.followers.lost_followers import Loss
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync.budget_room import has_room
from worker.jobs.sync.steps import profile_of
from worker.platforms.base import ReadsPublicProfiles
from worker.services import Services

# Two requests a person; one job asks for no more, so that lists and counters do not wait long.
MOST = 50
# A person lost longer ago may have returned and left several times since.
_REACH_BACK = timedelta(days=30)


async def run(ctx: JobContext, services: Services) -> None:
    """Looks up people lost lately, the newest first, and derives the days again where a loss was wrong.

    Stops where the rest of the day's requests belongs to lists and counters; the others are due after the next list.
    """
    profile = await profile_of(ctx)
    due = await _due(ctx, profile, MOST)
    if not due or not await has_room(ctx, profile, requests=2):
        return
    async with open_session(ctx, services) as (profile, source):
        if not isinstance(source, ReadsPublicProfiles):
            raise NotOffered
        withdrawn = await _look_up(ctx, profile, source, due)
    if withdrawn:
        await ctx.enqueue(JobKind.DERIVE, profile_id=profile.id)


async def enqueue(ctx: JobContext, profile: ProfileRow) -> None:
    """Enqueues the look-up of a list's new losses, behind everything that a person waits for; nothing where the
    platform has no look-up.
    """
    if JobKind.LOOK_UP in platform_of(profile.platform).kinds and await _due(ctx, profile, 1):
        await ctx.enqueue(JobKind.LOOK_UP, profile_id=profile.id, priority=SCHEDULED_PRIORITY)


async def _due(ctx: JobContext, profile: ProfileRow, limit: int) -> list[Loss]:
    if profile.observed_at is None:
        return []
    since: datetime = profile.observed_at - _REACH_BACK
    async with ctx.reading() as conn:
        return await lost_followers.to_look_up(conn, profile.user_id, profile.id, since, limit)


async def _look_up(ctx: JobContext, profile: ProfileRow, source: ReadsPublicProfiles, due: list[Loss]) -> int:
    """The number of wrong losses. The profile itself is asked first: if that fails, a 404 proves nothing of others."""
    await source.profile(profile.username)
    withdrawn = 0
    for number, loss in enumerate(due):
        ctx.check()
        ctx.progress("look_up", number, len(due))
        if not await has_room(ctx, profile, requests=2):
            break
        # Asked from the account's own page where the person's name is not known.
        found = await source.look_up(loss.platform_id, loss.username or profile.username)
        async with ctx.transaction() as conn:
            withdrawn += await lost_followers.record(
                conn, profile.user_id, profile.id, loss, found.value, found.observed_at
            )
    ctx.progress("look_up", len(due), len(due))
    ctx.log.info("losses_looked_up", people=len(due), withdrawn=withdrawn)
    return withdrawn
