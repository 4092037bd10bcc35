"""SYNC_FOLLOWERS and SYNC_FOLLOWING: one list, page by page into staging, then judged and published."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from shared.domain.follow_diff import Evidence
from shared.domain.jobs import JobKind
from shared.domain.list_walk import ListWalk, Query
from shared.domain.social import Direction, ProfileFacts
from shared.errors import WrongAccount
from shared.store import list_runs, people
from shared.store.list_runs import Run
from shared.store.profiles import ProfileRow
from worker.jobs import look_up
from worker.jobs.base import JobContext
from worker.jobs.connected import connected
from worker.jobs.page_keeper import PageKeeper
from worker.platforms.base import ProfileSource
from worker.services import Services

_DIRECTIONS = {JobKind.SYNC_FOLLOWERS: Direction.FOLLOWER, JobKind.SYNC_FOLLOWING: Direction.FOLLOWING}
_STEPS = {Direction.FOLLOWER: "followers", Direction.FOLLOWING: "following"}


async def run(ctx: JobContext, services: Services) -> None:
    """One list in a session of its own; the days follow. Raises what `connected` and the source raise."""
    async with connected(ctx, services) as (profile, source):
        await step(ctx, services, profile, source, _DIRECTIONS[ctx.job.kind])
    await look_up.enqueue(ctx, profile)
    await ctx.enqueue(JobKind.DERIVE, profile_id=profile.id)


async def step(
    ctx: JobContext, services: Services, profile: ProfileRow, source: ProfileSource, direction: Direction
) -> None:
    """Goes on with the walk that the cursor remembers, or begins one, and publishes it at its end.

    Raises WrongAccount if the name belongs to another account now, ListNotVisible if the platform keeps the list from
    this one, and what else the source raises.
    """
    facts = (await source.profile(profile.username)).value
    if profile.external_id not in (None, facts.platform_id):
        raise WrongAccount
    staged, walk = await _resumed(ctx, profile, direction) or await _begun(ctx, profile, direction, facts)
    await _walked(ctx, source, facts, staged, walk)
    after = walk.reported if walk.seen == walk.reported else await _count(source, profile.username, direction)
    await _publish(ctx, staged, walk, after)


async def _resumed(ctx: JobContext, profile: ProfileRow, direction: Direction) -> tuple[Run, ListWalk] | None:
    saved = ctx.job.cursor
    if not saved or "run" not in saved:
        return None
    query = Query(profile.id, direction, UUID(saved["run"]))
    walk = ListWalk.resumed(saved, query, datetime.now(UTC))
    if walk is None:
        return None
    async with ctx.transaction() as conn:
        found = await list_runs.resume_run(
            conn, query.run_id, user_id=profile.user_id, profile_id=profile.id, direction=direction
        )
        if found is None or found.pages != walk.pages:
            return None
        async for ids in list_runs.staged_ids(conn, found):
            walk.recall(ids)
    return found, walk


async def _begun(
    ctx: JobContext, profile: ProfileRow, direction: Direction, facts: ProfileFacts
) -> tuple[Run, ListWalk]:
    reported = _reported(facts, direction)
    async with ctx.transaction() as conn:
        begun = await list_runs.start_run(
            conn,
            user_id=profile.user_id,
            profile_id=profile.id,
            direction=direction,
            job_id=ctx.job.id,
            reported=reported,
        )
    return begun, ListWalk(Query(profile.id, direction, begun.id), reported)


async def _walked(ctx: JobContext, source: ProfileSource, facts: ProfileFacts, staged: Run, walk: ListWalk) -> None:
    """Reads on to the end of the walk. Pages are kept while the next ones are read: neither waits for the other."""
    ctx.progress(_STEPS[staged.direction], walk.seen, walk.reported)
    async with PageKeeper(ctx, staged, walk) as keeper:
        while not walk.ended:
            ctx.check()
            reading = await source.people(staged.direction, facts.platform_id, facts.username, walk.cursor)
            walk.feed(reading.value)
            await keeper.add(reading)
            ctx.progress(_STEPS[staged.direction], walk.seen, walk.reported)


async def _publish(ctx: JobContext, staged: Run, walk: ListWalk, after: int | None) -> None:
    evidence = Evidence(walk.reported, after, walk.natural_end, walk.limited, walk.guard)
    async with ctx.transaction() as conn:
        published = await people.publish(conn, staged, evidence)
        await ctx.save_cursor(conn, None)
    ctx.progress(_STEPS[staged.direction], published.seen, published.seen)
    ctx.log.info(
        "list_published",
        direction=staged.direction,
        verdict=published.verdict.kind,
        exact=published.verdict.exact,
        pages=walk.pages,
        seen=published.seen,
        gained=published.gained,
        lost=published.lost,
        returned=published.returned,
        renamed=published.renamed,
        missing=published.missing,
    )


async def _count(source: ProfileSource, username: str, direction: Direction) -> int | None:
    return _reported((await source.profile(username)).value, direction)


def _reported(facts: ProfileFacts, direction: Direction) -> int | None:
    return facts.followers if direction is Direction.FOLLOWER else facts.following
