"""SYNC_MEDIA: stages the posts tab and the reels tab page by page, then publishes both as one."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from shared.domain.jobs import JobKind
from shared.domain.social import MediaPage, Observation, PlatformId
from shared.domain.traversal.media_walk import MediaWalk, Query, Tab, Verdict, is_whole_due
from shared.errors import NotConnected, NotOffered
from shared.store.files import imported_insights
from shared.store.media import publish_media, staging
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync import missing_media
from worker.platforms.base import ReadsMedia, ReadsProfile
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Syncs the media in a session of its own, then the days. Raises what `open_session` and the source raise."""
    async with open_session(ctx, services) as (profile, source):
        await step(ctx, services, profile, source)
    await ctx.enqueue(JobKind.DERIVE, profile_id=profile.id)


async def step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """Continues the reading in the cursor, or begins one, and publishes it at its end.

    The first reading, one a week, and any with `args.all` go to the ends of both tabs. Raises NotOffered where the
    platform shows no media, and NotConnected before the profile's first reading.
    """
    if not isinstance(source, ReadsMedia):
        raise NotOffered
    if profile.external_id is None:
        raise NotConnected
    walk = _resumed(ctx, profile) or await _begun(ctx, profile)
    while not walk.ended:
        ctx.check()
        ctx.progress("media", walk.seen, profile.media_count)
        await _keep(ctx, profile, walk, await _page(source, profile, walk))
    verdict = await _publish(ctx, profile, walk)
    everything = walk.query.whole and verdict is Verdict.WHOLE
    await missing_media.look(ctx, profile, source, walk.query.run_id, archive=everything)


def _resumed(ctx: JobContext, profile: ProfileRow) -> MediaWalk | None:
    saved = ctx.job.cursor
    return MediaWalk.resume(saved, profile.id, datetime.now(UTC)) if saved else None


async def _begun(ctx: JobContext, profile: ProfileRow) -> MediaWalk:
    async with ctx.transaction() as conn:
        last_whole = await publish_media.last_whole(conn, profile.user_id, profile.id)
        await staging.discard(conn, profile.user_id, profile.id)
    whole = bool(ctx.job.args.get("all")) or is_whole_due(last_whole, profile.observed_at)
    return MediaWalk(Query(profile.id, uuid4(), whole))


async def _page(source: ReadsMedia, profile: ProfileRow, walk: MediaWalk) -> Observation[MediaPage]:
    tab = source.posts if walk.tab is Tab.POSTS else source.reels
    return await tab(PlatformId(profile.external_id or ""), profile.username, walk.cursor)


async def _keep(ctx: JobContext, profile: ProfileRow, walk: MediaWalk, reading: Observation[MediaPage]) -> None:
    """Stores a page and the cursor behind it in one commit."""
    shown, at = reading.value.media, reading.observed_at
    async with ctx.transaction() as conn:
        sighting = await staging.stage(conn, profile.user_id, walk.query, walk.tab, shown, at)
        walk.feed(reading.value, sighting, at)
        await ctx.save_cursor(conn, walk.to_json(datetime.now(UTC)), len(shown))


async def _publish(ctx: JobContext, profile: ProfileRow, walk: MediaWalk) -> Verdict:
    verdict = walk.verdict(profile.media_count)
    run = publish_media.Finished(walk.query.run_id, profile.user_id, profile.id, ctx.job.id, verdict, walk.pages)
    async with ctx.transaction() as conn:
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
