"""SYNC_AUDIENCE: reads who the audience of the last 90 days was, by each breakdown that the platform offers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.domain.insights import Days
from shared.errors import NotConnected, NotOffered, PermissionMissing, ReportRefused
from shared.store import publishing
from shared.store.insights import audience, figures
from shared.store.insights.figures import Owner
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync.origin import source_of
from worker.platforms.base import ReadsAudience, ReadsProfile
from worker.services import Services

# The newest days are not settled, and a small channel has demographics over a long time only.
_LENGTH = timedelta(days=90)
_EVERYTHING = "audience"


async def run(ctx: JobContext, services: Services) -> None:
    """Syncs the audience in a session of its own; raises what `open_session` and the source raise."""
    async with open_session(ctx, services) as (profile, source):
        await step(ctx, services, profile, source)


async def step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """Reads and stores the audience up to the last day that was counted. An earlier range stays as it was.

    Raises NotOffered where the platform shows none, NotConnected before the profile's first reading, and
    PermissionMissing, which is noted, where the permission was not given.
    """
    if not isinstance(source, ReadsAudience):
        raise NotOffered
    if profile.external_id is None:
        raise NotConnected
    ctx.progress("audience", 0, 1)
    async with ctx.reading() as conn:
        whose = Owner(profile.user_id, profile.id, await source_of(ctx, conn))
        counted = await figures.last_day(conn, whose)
    last = counted or (await source.days_there()).value.last
    try:
        reading = await source.audience(Days(last - _LENGTH + timedelta(days=1), last))
    except PermissionMissing as error:
        async with ctx.transaction() as conn:
            names = [_EVERYTHING]
            await figures.note_refusals(conn, whose, names, names, datetime.now(UTC), error.code)
        raise
    shown, at = reading.value, reading.observed_at
    async with ctx.transaction() as conn:
        if not await publishing.begin(conn, profile.user_id, profile.id):
            raise NotConnected
        await audience.save(conn, whose, shown, at)
        asked = {_EVERYTHING, *shown.refused, *(one.breakdown for one in shown.shares)}
        await figures.note_refusals(conn, whose, asked, shown.refused, at, ReportRefused.code)
    ctx.progress("audience", 1, 1)
    ctx.log.info("audience_read", shares=len(shown.shares), refused=sorted(shown.refused))


async def tolerant_step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """`step` within a larger job, which a permission that was never given does not fail."""
    try:
        await step(ctx, services, profile, source)
    except PermissionMissing as error:
        ctx.log.warning("audience_not_read", error=error.code)
