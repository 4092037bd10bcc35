"""SYNC_FOLLOWERS and SYNC_FOLLOWING: stages one list page by page, then judges and publishes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from shared.domain.jobs import JobKind
from shared.domain.social import Direction, EndpointId, Observation, PeoplePage
from shared.domain.traversal.list_passes import COUNT_EVERY, worth_another_pass
from shared.domain.traversal.list_walk import ListWalk, Query
from shared.errors import NotOffered, WrongAccount
from shared.platforms import platform_of
from shared.store.followers import endpoints, publish, runs
from shared.store.followers.runs import PagesLost, Run
from shared.store.profiles import budget
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync import lost_followers
from worker.jobs.sync.list_reader import EndpointFailed, ListReader
from worker.jobs.sync.page_writer import PageWriter
from worker.platforms.base import ReadsPeople, ReadsProfile
from worker.services import Services

_DIRECTIONS = {JobKind.SYNC_FOLLOWERS: Direction.FOLLOWER, JobKind.SYNC_FOLLOWING: Direction.FOLLOWING}
_STEPS = {Direction.FOLLOWER: "followers", Direction.FOLLOWING: "following"}
Walked = tuple[Run, ListWalk]


async def run(ctx: JobContext, services: Services) -> None:
    """Syncs one list in a session of its own, then the days. Raises what `open_session` and the source raise."""
    async with open_session(ctx, services) as (profile, source):
        await step(ctx, services, profile, source, _DIRECTIONS[ctx.job.kind])
    await lost_followers.enqueue(ctx, profile)
    await ctx.enqueue(JobKind.DERIVE, profile_id=profile.id)


async def step(
    ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile, direction: Direction
) -> None:
    """Continues the walk in the cursor, or begins one, and publishes it at its end.

    A walk whose pages were lost with the database begins again.

    Raises NotOffered where the platform shows no lists, WrongAccount if the name belongs to another account now,
    ListNotVisible if the platform keeps the list from this one, ListUnreadable if no endpoint answers, and the source's
    other errors.
    """
    if not isinstance(source, ReadsPeople):
        raise NotOffered
    facts = (await source.profile(profile.username)).value
    if profile.external_id not in (None, facts.platform_id):
        raise WrongAccount
    order = platform_of(profile.platform).endpoints
    reader = ListReader(ctx, source, facts, direction, order)
    of = endpoints.Owner(profile.user_id, profile.id, ctx.job.id)
    staged, walk = await _resumed(ctx, of, direction) or await _begun(ctx, reader, of, {})
    stopped: dict[EndpointId, str] = {}
    anew: set[EndpointId] = set()
    while True:
        try:
            stop = await _walked(ctx, reader, staged, walk)
            if stop is None:
                return await _publish(ctx, staged, walk)
        except PagesLost:
            ctx.log.warning("pages_lost", direction=direction, pages=walk.pages)
        else:
            # Perhaps only the cursor expired: the endpoint may still show the list from its top.
            if stop.endpoint in anew:
                stopped[stop.endpoint] = stop.reason
            anew.add(stop.endpoint)
        staged, walk = await _begun(ctx, reader, of, stopped)


async def _resumed(ctx: JobContext, of: endpoints.Owner, direction: Direction) -> Walked | None:
    saved = ctx.job.cursor
    if not saved or "run" not in saved:
        return None
    query = Query(of.profile_id, direction, UUID(saved["run"]))
    walk = ListWalk.resume(saved, query, datetime.now(UTC))
    if walk is None:
        return None
    async with ctx.transaction() as conn:
        found = await runs.resume_run(
            conn, query.run_id, user_id=of.user_id, profile_id=of.profile_id, direction=direction
        )
        if (
            found is None
            or found.pages != walk.pages
            or walk.endpoint in await endpoints.disabled_ids(conn, of, direction)
        ):
            return None
        async for number, ids in runs.staged_ids(conn, found):
            walk.recall(number, ids)
    return found, walk


async def _begun(ctx: JobContext, reader: ListReader, of: endpoints.Owner, stopped: Mapping[EndpointId, str]) -> Walked:
    """A new walk on the first endpoint that answers, with its first page read and stored."""
    opened = await reader.open_list(of, stopped)
    reported = reader.reported_count()
    async with ctx.transaction() as conn:
        begun = await runs.start_run(
            conn,
            user_id=of.user_id,
            profile_id=of.profile_id,
            direction=reader.direction,
            job_id=ctx.job.id,
            reported=reported,
            endpoint=opened.endpoint,
        )
    walk = ListWalk(Query(of.profile_id, reader.direction, begun.id), reported, endpoint=opened.endpoint)
    async with PageWriter(ctx, begun, walk) as writer:
        await _take(ctx, writer, walk, opened.first)
    return begun, walk


async def _walked(ctx: JobContext, reader: ListReader, staged: Run, walk: ListWalk) -> EndpointFailed | None:
    """Reads to the end of the walk, in as many passes as it takes; returns the reason if its endpoint stopped."""
    ctx.progress(_STEPS[walk.query.direction], walk.seen, walk.reported)
    try:
        while True:
            await _pass(ctx, reader, staged, walk)
            if not await _again(ctx, reader, staged, walk):
                return None
            ctx.log.info("list_read_again", direction=reader.direction, passes=walk.passes, seen=walk.seen)
    except EndpointFailed as stop:
        return stop


async def _pass(ctx: JobContext, reader: ListReader, staged: Run, walk: ListWalk) -> None:
    """Reads one pass to its end. Pages are stored while the next ones are read, so neither waits for the other."""
    async with PageWriter(ctx, staged, walk) as writer:
        while not walk.ended:
            await _take(ctx, writer, walk, await reader.page(walk.endpoint, walk.cursor))
            if walk.pass_pages() % COUNT_EVERY == 0:
                walk.note_count(await reader.count())


async def _take(ctx: JobContext, writer: PageWriter, walk: ListWalk, reading: Observation[PeoplePage]) -> None:
    walk.feed(reading.value)
    await writer.add(reading)
    ctx.progress(_STEPS[walk.query.direction], walk.seen, walk.reported)


async def _again(ctx: JobContext, reader: ListReader, staged: Run, walk: ListWalk) -> bool:
    """Begins another pass if one is worth it; reads the count again unless all counts agree and no one is missing."""
    async with ctx.reading() as conn:
        missed = await runs.find_missed(conn, staged)
        left = await budget.remaining(conn, staged.user_id, ctx.job.connection_id)
    if walk.seen != walk.reported or missed.known:
        walk.note_count(await reader.count())
    if not worth_another_pass(walk, matters=missed.known or missed.first, left=left):
        return False
    walk.again()
    return True


async def _publish(ctx: JobContext, staged: Run, walk: ListWalk) -> None:
    async with ctx.transaction() as conn:
        await runs.require_pages(conn, staged)
        published = await publish.publish(conn, staged, walk.evidence(), walk.passes)
        await ctx.save_cursor(conn, None)
    ctx.progress(_STEPS[staged.direction], published.seen, published.seen)
    ctx.log.info(
        "list_published",
        direction=staged.direction,
        endpoint=walk.endpoint,
        verdict=published.verdict.kind,
        exact=published.verdict.exact,
        pages=walk.pages,
        passes=walk.passes,
        seen=published.seen,
        gained=published.gained,
        lost=published.lost,
        returned=published.returned,
        renamed=published.renamed,
        missing=published.missing,
    )
