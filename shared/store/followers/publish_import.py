"""Publishes the lists of a data download: exact dates, people known by name only, and no ids.

People are matched by their name at the time of the data download. A whole list newer than every earlier reading may add
people and end stays of people known only from data downloads; an older one only adds dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.rows import class_row

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.social import Direction
from shared.domain.traversal.import_verdict import Known, Listed, Order, judge, older
from shared.domain.traversal.list_verdict import Verdict, guard_mass_loss
from shared.errors import NotConnected
from shared.store import publishing
from shared.store.followers import publication
from shared.store.followers.list_alerts import follow_verdict
from shared.store.followers.publication import classes, for_direction, take_away

UNFOLLOWED = "unfollowed"
_Where = dict[str, Any]

with statements(__file__) as named:
    _NAMED = named("named")
    _COPY = named("copy")
    _LISTED = named("listed")
    _BEFORE = named("before")
    _COLUMNS = named("columns")
    _FOR_DIRECTION = for_direction(
        match=named("match"),
        match_old=named("match_old"),
        cut_off=named("cut_off"),
        absent=named("absent"),
        dated=named("dated"),
        guessed=named("guessed"),
        spared=named("spared"),
        held=named("held"),
        nameless=named("nameless"),
        joined=named("joined"),
    )
    _ANALYZE = named("analyze")
    _PUBLISHED = named("published")
    _LEFT = named("left")
    _COUNTER = named("counter")


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A person in a list (or `unfollowed`), the start of following, and its possible error; None is exact."""

    direction: str
    username: str
    at: datetime | None
    uncertain: timedelta | None


@dataclass(frozen=True, slots=True)
class Summary:
    """One staged list: different names, its oldest and newest date, people without a date, and further entries."""

    direction: str
    count: int
    oldest: datetime | None
    newest: datetime | None
    undated: int = 0
    twice: int = 0


@dataclass(frozen=True, slots=True)
class Whose:
    """The profile, and the job that reads the data download for it.

    `day_known`: the data download itself names its day. Otherwise its lists are of some day between `earliest`, their
    newest entry (None where no entry has a date), and the time of packing.
    """

    user_id: UUID
    profile_id: UUID
    job_id: UUID
    day_known: bool = True
    earliest: datetime | None = None


@dataclass(frozen=True, slots=True)
class PublishedList:
    """The changes of one list. `dated` people got an exact date; `verdict` None: an older list only adds dates.

    `first`: no whole list came before it, so that no one in it is new and no one can be missing.
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
    """Creates the table that `stage` fills; it lasts until the transaction ends."""
    await conn.execute(_NAMED)


async def stage(conn: WorkerConnection, rows: Iterable[NamedRow]) -> None:
    """Adds names to the coming publication."""
    async with conn.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row in rows:
            await copy.write_row((row.direction, row.username, row.at, row.uncertain))


async def summaries(conn: WorkerConnection) -> dict[str, Summary]:
    """The staged lists by direction; a list without names is left out."""
    async with conn.cursor(row_factory=class_row(Summary)) as cursor:
        found = await (await cursor.execute(_LISTED)).fetchall()
    return {summary.direction: summary for summary in found}


async def publish(
    conn: WorkerConnection, whose: Whose, taken_at: datetime, listed: Listed, known: Known
) -> PublishedList:
    """Judges one staged list and publishes what the verdict allows, inside the caller's transaction.

    `known` lacks what the database knows (`last_count`, `cut_off`). Raises NotConnected if the profile is gone.
    """
    where = _where(whose, taken_at, listed.direction)
    await conn.execute(publication.SETTINGS)
    if not await publishing.begin(conn, where["user_id"], where["profile_id"]):
        raise NotConnected
    before = await _before(conn, where)
    where["after"] = before.after
    of = _FOR_DIRECTION[listed.direction]
    await conn.execute(publication.STAGED)
    await conn.execute(_COLUMNS)
    await conn.execute(of["match"], where)
    await conn.execute(of["match_old"], where)
    await conn.execute(_ANALYZE)
    cut_off = await _number(conn, of["cut_off"], where)
    dated = await _number(conn, of["dated"], where)
    absent, order = await _order(conn, where, day_known=whose.day_known)
    last_end = before.known_end if whose.day_known else before.last_end
    if last_end is not None and (taken_at <= last_end or older(order)):
        published = PublishedList(None, listed.count, dated)
    else:
        judged = judge(listed, replace(known, last_count=before.last_count, cut_off=cut_off, absent=absent))
        published = await _apply(
            conn, where, judged, PublishedList(judged, listed.count, dated, first=before.after is None)
        )
        published = published if whose.day_known else _undated(published, where)
        await _finish(conn, where, published)
    await conn.execute(publication.DROP)
    return published


def _undated(published: PublishedList, where: _Where) -> PublishedList:
    judged = published.verdict
    if judged is None:
        return published
    newest = where["earliest"]
    entry = f", and its newest entry is of {newest:%-d %b %Y}" if newest else ""
    day_known = f"The file does not tell its day: it was packed on {where['at']:%-d %b %Y}{entry}."
    return replace(
        published, verdict=replace(judged, reason=f"{judged.reason} {day_known}" if judged.reason else day_known)
    )


async def settle(
    conn: WorkerConnection, whose: Whose, taken_at: datetime, published: dict[Direction, PublishedList]
) -> None:
    """Finishes what needs both lists: the classes of people, the account's own unfollowing, and its counts."""
    where = _where(whose, taken_at, Direction.FOLLOWING)
    await conn.execute(_LEFT, where)
    counts = {
        name: one.seen if (one := published.get(direction)) and one.verdict and one.verdict.kind == "whole" else None
        for direction, name in ((Direction.FOLLOWER, "followers"), (Direction.FOLLOWING, "following"))
    }
    if where["earliest"] is not None and any(count is not None for count in counts.values()):
        await conn.execute(_COUNTER, where | counts)
    await conn.execute(publication.PROFILE, where | await classes(conn, where))


async def _before(conn: WorkerConnection, where: _Where) -> _Before:
    async with conn.cursor(row_factory=class_row(_Before)) as cursor:
        return await (await cursor.execute(_BEFORE, where)).fetchone() or _Before(None, None, None, None)


async def _order(conn: WorkerConnection, where: _Where, *, day_known: bool) -> tuple[int, Order]:
    """The number of missing known people, and its meaning for the order of the lists."""
    row = await (await conn.execute(_FOR_DIRECTION[where["direction"]]["absent"], where)).fetchone()
    if row is None:
        return 0, Order(0, 0, day_known)
    return row["everybody"], Order(row["absent"], row["came_after"], day_known)


async def _apply(conn: WorkerConnection, where: _Where, judged: Verdict, base: PublishedList) -> PublishedList:
    if judged.kind == "void":
        return base
    of = _FOR_DIRECTION[where["direction"]]
    whole = judged.kind == "whole"
    guessed = (await conn.execute(of["guessed"], where)).rowcount if whole and where["after"] else 0
    await conn.execute(publication.SEEN_AGAIN, where)
    if whole:
        row = await (await conn.execute(of["held"], where)).fetchone()
        judged = guard_mass_loss(judged, held=row["held"], missing=row["absent"]) if row else judged
        await conn.execute(of["spared"], where)
    lost, missing = await take_away(conn, where, judged)
    # A new name may belong to a person without a known name in the lists, so nothing proves that they came since.
    after = None if await _number(conn, of["nameless"], where) else where["after"]
    row = await (await conn.execute(of["joined"], {**where, "after": after})).fetchone()
    gained, returned = (row["gained"], row["returned"]) if row else (0, 0)
    return replace(base, verdict=judged, gained=gained, lost=lost, returned=returned, guessed=guessed, missing=missing)


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
    await conn.execute(_PUBLISHED, where | run)
    owner = {"user_id": where["user_id"], "profile_id": where["profile_id"], "job_id": where["job_id"]}
    await follow_verdict(conn, judged, where["direction"], **owner, source="data_download")


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
