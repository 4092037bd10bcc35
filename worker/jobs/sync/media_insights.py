"""Reads the official figures of posts and stories that are due, as a part of their syncs."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.domain.insights import MediaFigures
from shared.domain.metrics import Level, metrics_of
from shared.domain.social import Observation
from shared.errors import NotConnected, PermissionMissing, ReportRefused, UnexpectedAnswer
from shared.platforms import platform_of
from shared.store import publishing
from shared.store.insights import figures
from shared.store.insights.figures import Owner
from shared.store.media import media_insights, official_media
from shared.store.media.official_media import Due
from shared.store.media.publish_media import Origin
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.sync.origin import owner_of
from worker.platforms.base import ReadsMediaFigures, ReadsProfile
from worker.services import Services


async def step(
    ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile, *, stories: bool = False
) -> None:
    """Asks for each due medium and stores it at once; does nothing where the way in gives no such figures.

    Without the permission every metric is noted as missing, and the sync of the media is whole without them.
    """
    if not isinstance(source, ReadsMediaFigures):
        return
    async with ctx.reading() as conn:
        whose = await owner_of(ctx, conn, profile)
        due = await (official_media.due_stories if stories else official_media.due_posts)(conn, whose)
    try:
        await _read(ctx, services, profile, source, whose, due)
    except PermissionMissing as error:
        names = [one.id for one in metrics_of(profile.platform, Level.MEDIA)]
        async with ctx.transaction() as conn:
            await figures.note_refusals(conn, whose, names, names, datetime.now(UTC), error.code)
        ctx.log.warning("media_insights_not_read", error=error.code)


async def _read(
    ctx: JobContext,
    services: Services,
    profile: ProfileRow,
    source: ReadsMediaFigures,
    whose: Owner,
    due: list[Due],
) -> None:
    origin = Origin(whose.source, services.client(profile.platform).derives, platform_of(profile.platform).rated_by)
    given, refused = set[str](), set[str]()
    for number, one in enumerate(due):
        ctx.check()
        ctx.progress("insights", number, len(due))
        try:
            reading = await source.media_figures(one.medium)
        except UnexpectedAnswer as error:
            ctx.log.warning("media_insights_not_read", media=one.media_id, error=error.code)
            continue
        await _keep(ctx, profile, whose, one, reading, origin)
        given |= {figure.metric for figure in reading.value.figures}
        refused |= reading.value.refused
    if given or refused:
        async with ctx.transaction() as conn:
            at = datetime.now(UTC)
            await figures.note_refusals(conn, whose, given | refused, refused - given, at, ReportRefused.code)
    ctx.log.info("media_insights_read", media=len(due), refused=sorted(refused - given))


async def _keep(
    ctx: JobContext, profile: ProfileRow, whose: Owner, one: Due, reading: Observation[MediaFigures], origin: Origin
) -> None:
    async with ctx.transaction() as conn:
        if not await publishing.begin(conn, profile.user_id, profile.id):
            raise NotConnected
        await media_insights.save(conn, whose, one.media_id, reading.value, reading.observed_at, origin)
