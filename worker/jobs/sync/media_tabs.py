"""SYNC_MEDIA: stages the posts tab and the reels tab page by page, then publishes both as one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from shared.domain.jobs import JobKind
from shared.domain.social import MediaPage, Observation, PlatformId
from shared.domain.traversal.media_walk import MediaWalk, Query, Tab, Verdict, is_whole_due
from shared.errors import NotConnected, NotOffered, PermissionMissing, StaleCursor
from shared.platforms import platform_of
from shared.store.files import imported_insights
from shared.store.media import publish_media, staging
from shared.store.media.publish_media import Origin
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync import media_insights, missing_media
from worker.jobs.sync.origin import source_of
from worker.platforms.base import ReadsMedia, ReadsProfile, ReadsReels
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Syncs the media in a session of its own, then the days. Raises what `open_session` and the source raise."""
    async with open_session(ctx, services) as (profile, source):
        await step(ctx, services, profile, source)
    await ctx.enqueue(JobKind.DERIVE, profile_id=profile.id)


async def step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """Continues the reading in the cursor, or begins one, and publishes it at its end.

    The first reading, one a week, and any with `args.all` go to the ends of all tabs. Raises NotOffered where the
    platform shows no media, NotConnected before the profile's first reading, and StaleCursor, after which the next
    attempt begins anew.
    """
    if not isinstance(source, ReadsMedia):
        raise NotOffered
    if profile.external_id is None:
        raise NotConnected
    has_reels = isinstance(source, ReadsReels)
    walk = _resumed(ctx, profile, has_reels) or await _begun(ctx, profile, has_reels)
    while not walk.ended:
        ctx.check()
        ctx.progress("media", walk.seen, profile.media_count)
        await _keep(ctx, profile, walk, await _page(ctx, source, profile, walk))
    origin = Origin(derives=services.client(profile.platform).derives, rated_by=platform_of(profile.platform).rated_by)
    verdict = await _publish(ctx, profile, walk, origin)
    everything = walk.query.whole and verdict is Verdict.WHOLE
    await missing_media.look(ctx, profile, source, walk.query.run_id, archive=everything)
    await media_insights.step(ctx, services, profile, source)


async def tolerant_step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """`step` within a larger job, which a permission that was never given does not fail."""
    try:
        await step(ctx, services, profile, source)
    except PermissionMissing as error:
        if "variant" in error.params:
            raise
        ctx.log.warning("media_not_read", error=error.code)


def _resumed(ctx: JobContext, profile: ProfileRow, has_reels: bool) -> MediaWalk | None:
    """The walk of an earlier attempt, unless that read by a way in with other tabs."""
    saved = ctx.job.cursor
    walk = MediaWalk.resume(saved, profile.id, datetime.now(UTC)) if saved else None
    return walk if walk is not None and walk.has_reels is has_reels else None


async def _begun(ctx: JobContext, profile: ProfileRow, has_reels: bool) -> MediaWalk:
    async with ctx.transaction() as conn:
        last_whole = await publish_media.last_whole(conn, profile.user_id, profile.id)
        await staging.discard(conn, profile.user_id, profile.id)
    whole = bool(ctx.job.args.get("all")) or is_whole_due(last_whole, profile.observed_at)
    return MediaWalk(Query(profile.id, uuid4(), whole), has_reels)


async def _page(ctx: JobContext, source: ReadsMedia, profile: ProfileRow, walk: MediaWalk) -> Observation[MediaPage]:
    tab = source.reels if walk.tab is Tab.REELS and isinstance(source, ReadsReels) else source.posts
    try:
        return await tab(PlatformId(profile.external_id or ""), profile.username, walk.cursor)
    except StaleCursor:
        async with ctx.transaction() as conn:
            await ctx.save_cursor(conn, None)
        raise


async def _keep(ctx: JobContext, profile: ProfileRow, walk: MediaWalk, reading: Observation[MediaPage]) -> None:
    """Stores a page and the cursor behind it in one commit."""
    shown, at = reading.value.media, reading.observed_at
    async with ctx.transaction() as conn:
        sighting = await staging.stage(conn, profile.user_id, walk.query, walk.tab, shown, at)
        walk.feed(reading.value, sighting, at)
        await ctx.save_cursor(conn, walk.to_json(datetime.now(UTC)), len(shown))


async def _publish(ctx: JobContext, profile: ProfileRow, walk: MediaWalk, origin: Origin) -> Verdict:
    verdict, run_id = walk.verdict(profile.media_count), walk.query.run_id
    async with ctx.transaction() as conn:
        read = replace(origin, source=await source_of(ctx, conn))
        run = publish_media.Finished(run_id, profile.user_id, profile.id, ctx.job.id, verdict, walk.pages, read)
        published = await publish_media.publish(conn, run)
        joined = await imported_insights.join_media(conn, profile.user_id, profile.id)
        await ctx.save_cursor(conn, None)
    ctx.progress("media", published.seen, published.seen)
    ctx.log.info(
        "media_read",
        verdict=verdict,
        pages=walk.pages,
        seen=published.seen,
        added=published.added,
        changed=published.changed,
        insights_joined=joined,
    )
    return verdict
