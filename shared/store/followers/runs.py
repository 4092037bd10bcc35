"""Running walks: their list runs and staged pages, and how a resumed job finds them. For the worker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.social import Direction, EndpointId, Person, PlatformId

_ABANDON: LiteralString = """
    with gone as (
        update public.list_runs set state = 'ABANDONED', ended_at = now()
        where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s and state = 'WALKING'
        returning id
    )
    delete from public.list_pages where user_id = %(user_id)s and run_id in (select id from gone)
"""
_START: LiteralString = """
    insert into public.list_runs (user_id, profile_id, job_id, direction, reported_before, endpoint)
    values (%(user_id)s, %(profile_id)s, %(job_id)s, %(direction)s, %(reported)s, %(endpoint)s)
    returning id, user_id, profile_id, job_id, direction, reported_before, pages
"""
# Staging is unlogged: after a crash of the database it is empty, and the run must begin again.
_RESUME: LiteralString = """
    select id, user_id, profile_id, job_id, direction, reported_before, pages
    from public.list_runs r
    where id = %(id)s and user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s
        and state = 'WALKING' and pages = (
            select count(*) from public.list_pages p where p.user_id = r.user_id and p.run_id = r.id
        )
"""
_STAGE: LiteralString = """
    insert into public.list_pages
        (run_id, page, user_id, platform_ids, usernames, full_names, is_private, is_verified)
    values (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADVANCE: LiteralString = """
    update public.list_runs set pages = pages + %(pages)s, seen = %(seen)s,
        observed_start = least(observed_start, %(start)s), observed_end = greatest(observed_end, %(end)s)
    where id = %(run)s and user_id = %(user_id)s and state = 'WALKING' and pages = %(first)s
"""
_IS_THERE: LiteralString = """
    select exists (select from public.list_pages where user_id = %(user_id)s and run_id = %(run)s and page = %(page)s)
"""
_ALL_THERE: LiteralString = """
    select r.pages = (select count(*) from public.list_pages p where p.user_id = r.user_id and p.run_id = r.id)
    from public.list_runs r where r.id = %(run)s and r.user_id = %(user_id)s
"""
_STAGED_IDS: LiteralString = "select page, platform_ids from public.list_pages where user_id = %s and run_id = %s"

with statements(__file__) as named:
    _MISSED = named("missed")


class PagesLost(Exception):
    """The database crashed and restarted between two statements: pages that were staged before are gone."""


@dataclass(frozen=True, slots=True)
class Run:
    """A row of `list_runs` that is WALKING. `pages` is the number of pages staged when it was read."""

    id: UUID
    user_id: UUID
    profile_id: UUID
    job_id: UUID | None
    direction: Direction
    reported_before: int | None
    pages: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "direction", Direction(self.direction))


@dataclass(frozen=True, slots=True)
class StagedPage:
    """A page as the platform showed it at `observed_at`; `number` counts from 0."""

    number: int
    people: Sequence[Person]
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Missed:
    """People that a walk may have missed. `first`: there was no whole reading before, so that they would later count as
    new; `known`: a person of the stored list was not on its pages.
    """

    first: bool
    known: bool


async def start_run(
    conn: WorkerConnection,
    *,
    user_id: UUID,
    profile_id: UUID,
    direction: Direction,
    job_id: UUID | None = None,
    reported: int | None = None,
    endpoint: EndpointId | None = None,
) -> Run:
    """Begins a walk of one list; an earlier unfinished one becomes ABANDONED and loses its pages."""
    given = {
        "user_id": user_id,
        "profile_id": profile_id,
        "direction": direction,
        "job_id": job_id,
        "reported": reported,
        "endpoint": endpoint,
    }
    await conn.execute(_ABANDON, given)
    async with conn.cursor(row_factory=class_row(Run)) as cursor:
        run = await (await cursor.execute(_START, given)).fetchone()
    if run is None:
        raise LookupError("the run was not written")
    return run


async def resume_run(
    conn: WorkerConnection, run_id: UUID, *, user_id: UUID, profile_id: UUID, direction: Direction
) -> Run | None:
    """The unfinished walk with this id; None if it is over, of another list, or has lost any of its staged pages."""
    given = {"id": run_id, "user_id": user_id, "profile_id": profile_id, "direction": direction}
    async with conn.cursor(row_factory=class_row(Run)) as cursor:
        return await (await cursor.execute(_RESUME, given)).fetchone()


async def stage_pages(conn: WorkerConnection, run: Run, pages: Sequence[StagedPage], *, seen: int) -> None:
    """Stores the next pages of a walk and its counters. Commit them together with the job's cursor.

    Raises LookupError if the run is over or the first page is not the next one, PagesLost if the page before it is
    gone.
    """
    times = [page.observed_at for page in pages]
    given = {"run": run.id, "user_id": run.user_id, "first": pages[0].number, "pages": len(pages), "seen": seen}
    if (await conn.execute(_ADVANCE, given | {"start": min(times), "end": max(times)})).rowcount != 1:
        raise LookupError(f"page {pages[0].number} is not the next one of run {run.id}")
    if pages[0].number > 0:
        await _require(conn, _IS_THERE, {**given, "page": pages[0].number - 1})
    async with conn.cursor() as cursor:
        await cursor.executemany(_STAGE, [_columns(run, page) for page in pages])


async def require_pages(conn: WorkerConnection, run: Run) -> None:
    """Raises PagesLost unless every staged page is still there."""
    await _require(conn, _ALL_THERE, {"run": run.id, "user_id": run.user_id})


async def _require(conn: WorkerConnection, statement: LiteralString, given: Mapping[str, object]) -> None:
    async with conn.cursor(row_factory=scalar_row) as cursor:
        if await (await cursor.execute(statement, given)).fetchone() is False:
            raise PagesLost


def _columns(run: Run, page: StagedPage) -> tuple[object, ...]:
    people = page.people
    return (
        run.id,
        page.number,
        run.user_id,
        [person.platform_id for person in people],
        [person.username for person in people],
        [person.full_name for person in people],
        [person.is_private for person in people],
        [person.is_verified for person in people],
    )


async def find_missed(conn: WorkerConnection, run: Run) -> Missed:
    """The losses and additions if the staged pages of `run` were published as a whole list."""
    given = {"user_id": run.user_id, "profile_id": run.profile_id, "direction": run.direction, "run": run.id}
    await conn.execute("set local enable_nestloop = off")
    async with conn.cursor(row_factory=class_row(Missed)) as cursor:
        return await (await cursor.execute(_MISSED, given)).fetchone() or Missed(first=True, known=False)


async def staged_ids(conn: WorkerConnection, run: Run) -> AsyncIterator[tuple[int, list[PlatformId]]]:
    """Yields each staged page's number and ids, in no order; needs a transaction, keeps few pages in memory."""
    async with conn.cursor(name="staged_ids") as cursor:
        cursor.itersize = 200
        await cursor.execute(_STAGED_IDS, [run.user_id, run.id])
        async for row in cursor:
            yield row["page"], row["platform_ids"]
