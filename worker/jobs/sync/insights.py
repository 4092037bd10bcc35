"""SYNC_INSIGHTS: reads the official figures: every day at first, then the trailing week, and the newest totals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.domain.insights import Days, DayWalk, Series, trailing_totals
from shared.domain.metrics import Level, metrics_of
from shared.domain.social import Observation
from shared.errors import NotConnected, NotOffered, PermissionMissing, ReportRefused
from shared.store import publishing
from shared.store.insights import figures
from shared.store.insights.figures import Owner
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync.origin import source_of
from worker.platforms.base import ReadsInsights, ReadsProfile
from worker.services import Services

# Where a platform does not allow to keep its figures for more than 30 days, all are read anew before that.
RENEW_AFTER = timedelta(days=21)


async def run(ctx: JobContext, services: Services) -> None:
    """Syncs the figures in a session of its own; raises what `open_session` and the source raise."""
    async with open_session(ctx, services) as (profile, source):
        await step(ctx, services, profile, source)


async def step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """Continues the walk in the cursor, or begins one: newest days first, so that the first answer shows something.

    Raises NotOffered where the platform gives no figures, NotConnected before the profile's first reading, and
    PermissionMissing, which is noted for every metric, where the permission was not given.
    """
    if not isinstance(source, ReadsInsights):
        raise NotOffered
    if profile.external_id is None:
        raise NotConnected
    async with ctx.reading() as conn:
        whose = Owner(profile.user_id, profile.id, await source_of(ctx, conn))
    there = await source.days_there()
    walk = DayWalk.resume(ctx.job.cursor, there.observed_at)
    walk = walk or await _begun(ctx, services, profile, whose, there, source.days_at_once)
    try:
        await _read_days(ctx, profile, source, whose, walk, there.value)
        await _read_totals(ctx, profile, source, whose)
    except PermissionMissing as error:
        await _note_missing_scope(ctx, profile, whose, error)
        raise
    ctx.log.info("insights_read", days=walk.asked, renewed=walk.renews)


async def tolerant_step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """`step` within a larger job, which a permission that was never given does not fail."""
    try:
        await step(ctx, services, profile, source)
    except PermissionMissing as error:
        ctx.log.warning("insights_not_read", error=error.code)


async def _begun(
    ctx: JobContext, services: Services, profile: ProfileRow, whose: Owner, there: Observation[Days], at_once: int
) -> DayWalk:
    async with ctx.reading() as conn:
        covered = await figures.coverage(conn, whose)
    keeps = services.client(profile.platform).derives
    renew_after = None if keeps else RENEW_AFTER
    return DayWalk.begin(covered, there.value, there.observed_at, at_once=at_once, renew_after=renew_after)


async def _read_days(
    ctx: JobContext, profile: ProfileRow, source: ReadsInsights, whose: Owner, walk: DayWalk, there: Days
) -> None:
    while not walk.ended:
        ctx.check()
        ctx.progress("insights", walk.asked, walk.total)
        days = walk.days[0]
        await _keep(ctx, profile, whose, walk, there, await source.daily(days))
    ctx.progress("insights", walk.asked, walk.total)


async def _keep(
    ctx: JobContext, profile: ProfileRow, whose: Owner, walk: DayWalk, there: Days, reading: Observation[Series]
) -> None:
    """Stores a part of the days and the cursor behind it in one commit."""
    series, at, days = reading.value, reading.observed_at, walk.days[0]
    metrics = {one.id: one for one in metrics_of(profile.platform, Level.ACCOUNT, daily=True)}
    async with ctx.transaction() as conn:
        if not await publishing.begin(conn, profile.user_id, profile.id):
            raise NotConnected
        await figures.save_days(conn, whose, series.figures, metrics, at)
        if walk.renews:
            await figures.remove_unrenewed(conn, whose, days, walk.began_at)
        walk.advance()
        reached = days.first <= there.first
        renewed_at = walk.began_at if walk.ended and (walk.renews or reached) else None
        await figures.cover(conn, whose, days, complete=reached, renewed_at=renewed_at)
        await figures.note_refusals(conn, whose, metrics, series.refused, at, ReportRefused.code)
        await ctx.save_cursor(conn, None if walk.ended else walk.to_json(), len(series.figures))


async def _read_totals(ctx: JobContext, profile: ProfileRow, source: ReadsInsights, whose: Owner) -> None:
    """The platform's own totals of the last 7 and 28 days, which are more than sums of days.

    They end with the last day for which there are figures: a platform takes days to count one.
    """
    async with ctx.reading() as conn:
        last = await figures.last_day(conn, whose)
    if last is None:
        return
    metrics = {one.id: one for one in metrics_of(profile.platform, Level.ACCOUNT, daily=True)}
    for days in trailing_totals(last):
        ctx.check()
        reading = await source.totals(days)
        async with ctx.transaction() as conn:
            if not await publishing.begin(conn, profile.user_id, profile.id):
                raise NotConnected
            await figures.save_totals(conn, whose, reading.value.figures, metrics, reading.observed_at)


async def _note_missing_scope(ctx: JobContext, profile: ProfileRow, whose: Owner, error: PermissionMissing) -> None:
    """Every metric is "n/a" from now on, for want of the permission and not of data."""
    names = [one.id for one in metrics_of(profile.platform, Level.ACCOUNT, daily=True)]
    async with ctx.transaction() as conn:
        await figures.note_refusals(conn, whose, names, names, datetime.now(UTC), error.code)
