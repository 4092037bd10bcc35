"""Publishing the lists of an official export: exact dates, people known by name only, and no id to tell who is who.

People are matched by the name that they bore when the export was made. A whole list that is newer than every reading
before may add people and say who left of those whom only exports named; an older one only tells dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.domain.archive_list import Known, Listed, Order, judge, older
from shared.domain.follow_diff import Verdict, doubted, missed_by
from shared.domain.social import Direction
from shared.errors import NotConnected
from shared.store import archive_sql, people_sql, publishing
from shared.store.list_alerts import follow_verdict

_Where = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NamedRow:
    """Somebody in a list (or `unfollowed`), since when, and how far that may be off; None is exact."""

    direction: str
    username: str
    at: datetime | None
    uncertain: timedelta | None


@dataclass(frozen=True, slots=True)
class Summary:
    """One staged list: different names, its oldest and newest date, how many have none, and how many entries more."""

    direction: str
    count: int
    oldest: datetime | None
    newest: datetime | None
    undated: int = 0
    twice: int = 0


@dataclass(frozen=True, slots=True)
class Whose:
    """The profile, and the job that reads the export for it.

    `told`: the export itself says its day. Else its lists are of some day since `earliest`, their newest entry (None
    where no entry has a date), and before the time of packing.
    """

    user_id: UUID
    profile_id: UUID
    job_id: UUID
    told: bool = True
    earliest: datetime | None = None


@dataclass(frozen=True, slots=True)
class PublishedList:
    """What one list changed. `dated` people got an exact date; `verdict` None: an older list only tells dates.

    `first`: no whole list came before it, so that nobody of it is new and nobody can be missing.
    """

    verdict: Verdict | None
    seen: int
    dated: int = 0
    gained: int = 0
    lost: int = 0
    returned: int = 0
    guessed: int = 0
    missing: int = 0
    first: bool = False


@dataclass(frozen=True, slots=True)
class _Before:
    after: datetime | None
    last_end: datetime | None
    known_end: datetime | None
    last_count: int | None


async def begin(conn: WorkerConnection) -> None:
    """Makes the table that `stage` fills; it lasts until the transaction ends."""
    await conn.execute(archive_sql.NAMED)


async def stage(conn: WorkerConnection, rows: Iterable[NamedRow]) -> None:
    """Adds names to what will be published."""
    async with conn.cursor() as cursor, cursor.copy(archive_sql.COPY) as copy:
        for row in rows:
            await copy.write_row((row.direction, row.username, row.at, row.uncertain))


async def summaries(conn: WorkerConnection) -> dict[str, Summary]:
    """The staged lists by direction; one without a name in it is not there."""
    async with conn.cursor(row_factory=class_row(Summary)) as cursor:
        found = await (await cursor.execute(archive_sql.LISTED)).fetchall()
    return {summary.direction: summary for summary in found}


async def publish(
    conn: WorkerConnection, whose: Whose, taken_at: datetime, listed: Listed, known: Known
) -> PublishedList:
    """Judges one staged list and publishes what the verdict allows, inside the caller's transaction.

    `known` lacks what the database knows (`last_count`, `cut_off`). Raises NotConnected if the profile is gone.
    """
    where = _where(whose, taken_at, listed.direction)
    await conn.execute(people_sql.SETTINGS)
    if not await publishing.begin(conn, where["user_id"], where["profile_id"]):
        raise NotConnected
    before = await _before(conn, where)
    where["after"] = before.after
    of = archive_sql.FOR_DIRECTION[listed.direction]
    await conn.execute(people_sql.STAGED)
    await conn.execute(archive_sql.COLUMNS)
    await conn.execute(of["match"], where)
    await conn.execute(of["match_old"], where)
    await conn.execute(archive_sql.ANALYZE)
    cut_off = await _number(conn, of["cut_off"], where)
    dated = await _number(conn, of["dated"], where)
    absent, order = await _order(conn, where, told=whose.told)
    last_end = before.known_end if whose.told else before.last_end
    if last_end is not None and (taken_at <= last_end or older(order)):
        published = PublishedList(None, listed.count, dated)
    else:
        judged = judge(listed, replace(known, last_count=before.last_count, cut_off=cut_off, absent=absent))
        published = await _apply(
            conn, where, judged, PublishedList(judged, listed.count, dated, first=before.after is None)
        )
        published = published if whose.told else _day_not_told(published, where)
        await _finish(conn, where, published)
    await conn.execute(people_sql.DROP)
    return published


def _day_not_told(published: PublishedList, where: _Where) -> PublishedList:
    judged = published.verdict
    if judged is None:
        return published
    newest = where["earliest"]
    entry = f", and its newest entry is of {newest:%-d %b %Y}" if newest else ""
    told = f"The file does not tell its day: it was packed on {where['at']:%-d %b %Y}{entry}."
    return replace(published, verdict=replace(judged, reason=f"{judged.reason} {told}" if judged.reason else told))


async def settle(
    conn: WorkerConnection, whose: Whose, taken_at: datetime, published: dict[Direction, PublishedList]
) -> None:
    """What takes both lists: the classes of people, the account's own unfollowing, and its counts."""
    where = _where(whose, taken_at, Direction.FOLLOWING)
    await conn.execute(archive_sql.LEFT, where)
    counts = {
        name: one.seen if (one := published.get(direction)) and one.verdict and one.verdict.kind == "whole" else None
        for direction, name in ((Direction.FOLLOWER, "followers"), (Direction.FOLLOWING, "following"))
    }
    if where["earliest"] is not None and any(count is not None for count in counts.values()):
        await conn.execute(archive_sql.COUNTER, where | counts)
    await conn.execute(people_sql.PROFILE, where | await _classes(conn, where))


async def _before(conn: WorkerConnection, where: _Where) -> _Before:
    async with conn.cursor(row_factory=class_row(_Before)) as cursor:
        return await (await cursor.execute(archive_sql.BEFORE, where)).fetchone() or _Before(None, None, None, None)


async def _order(conn: WorkerConnection, where: _Where, *, told: bool) -> tuple[int, Order]:
    """How many of those known are missing, and what that says about the order of the lists."""
    row = await (await conn.execute(archive_sql.FOR_DIRECTION[where["direction"]]["absent"], where)).fetchone()
    if row is None:
        return 0, Order(0, 0, told)
    return row["everybody"], Order(row["absent"], row["came_after"], told)


async def _apply(conn: WorkerConnection, where: _Where, judged: Verdict, base: PublishedList) -> PublishedList:
    if judged.kind == "void":
        return base
    of = archive_sql.FOR_DIRECTION[where["direction"]]
    whole = judged.kind == "whole"
    guessed = (await conn.execute(of["guessed"], where)).rowcount if whole and where["after"] else 0
    await conn.execute(people_sql.SEEN_AGAIN, where)
    if whole:
        row = await (await conn.execute(of["held"], where)).fetchone()
        judged = doubted(judged, held=row["held"], missing=row["absent"]) if row else judged
        await conn.execute(of["spared"], where)
    lost, missing = await _take_away(conn, where, judged)
    # Who is new to the lists may be somebody without a known name in them, so nothing says that they came since.
    after = None if await _number(conn, of["nameless"], where) else where["after"]
    row = await (await conn.execute(of["joined"], {**where, "after": after})).fetchone()
    gained, returned = (row["gained"], row["returned"]) if row else (0, 0)
    return replace(base, verdict=judged, gained=gained, lost=lost, returned=returned, guessed=guessed, missing=missing)


async def _take_away(conn: WorkerConnection, where: _Where, judged: Verdict) -> tuple[int, int]:
    """As after a walk: at once if the list is exact, else if it is the second to miss them."""
    by = missed_by(judged, where["at"])
    if by is None:
        return 0, 0
    of = people_sql.FOR_DIRECTION[where["direction"]]
    lost = (await conn.execute(of["lost"], {**where, "missed_by": by})).rowcount
    return lost, 0 if judged.exact else (await conn.execute(of["missing"], where)).rowcount


async def _finish(conn: WorkerConnection, where: _Where, published: PublishedList) -> None:
    judged = published.verdict
    if judged is None:
        raise LookupError("an older list leaves no run")
    run = {
        "verdict": judged.kind,
        "reason": judged.reason,
        "exact": judged.exact,
        "seen": published.seen,
        "gained": published.gained,
        "lost": published.lost,
        "returned": published.returned,
        "renamed": published.guessed,
        "missing": published.missing,
    }
    await conn.execute(archive_sql.PUBLISHED, where | run)
    owner = {"user_id": where["user_id"], "profile_id": where["profile_id"], "job_id": where["job_id"]}
    await follow_verdict(conn, judged, where["direction"], **owner, source="archive")


async def _classes(conn: WorkerConnection, where: _Where) -> dict[str, int | None]:
    row = await (await conn.execute(people_sql.BOTH_WHOLE, where)).fetchone()
    if row is None or not next(iter(row.values())):
        return {"mutual": None, "fans": None, "not_following_back": None}
    return await (await conn.execute(people_sql.COUNT, where)).fetchone() or {}


async def _number(conn: WorkerConnection, statement: Any, where: _Where) -> int:
    row = await (await conn.execute(statement, where)).fetchone()
    return int(next(iter(row.values()))) if row else 0


def _where(whose: Whose, taken_at: datetime, direction: Direction) -> _Where:
    return {
        "user_id": whose.user_id,
        "profile_id": whose.profile_id,
        "job_id": whose.job_id,
        "direction": direction,
        "at": taken_at,
        "earliest": whose.earliest,
        "run": uuid4(),
    }
