"""Publishing a walk: one transaction of set operations in which only differences are written.

People are matched by the platform's id. `people` says what holds now, `follow_spans` what held when; both are kept in
step here, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import scalar_row

from shared.db.pools import WorkerConnection
from shared.domain.follow_diff import (
    APART,
    Evidence,
    Former,
    Verdict,
    doubted,
    is_complete,
    missed_by,
    steadied,
    verdict,
)
from shared.domain.social import Direction
from shared.errors import NotConnected
from shared.store import people_sql, publishing
from shared.store.adoption import adopt
from shared.store.list_alerts import follow_verdict
from shared.store.list_runs import Run

_Where = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    """What a run changed. `gained` counts everybody who came since an earlier whole run, `returned` those of them who
    had been there before; the people of a first reading are neither. `missing` wait for a second whole run."""

    verdict: Verdict
    seen: int
    gained: int = 0
    lost: int = 0
    returned: int = 0
    renamed: int = 0
    missing: int = 0


async def publish(conn: WorkerConnection, run: Run, evidence: Evidence, passes: int = 1) -> Published:
    """Judges the staged pages of `run`, from so many passes, and publishes what the verdict allows, inside the caller's
    transaction.

    Raises NotConnected if the profile is gone, LookupError if the run is over or has no staged page.
    """
    where: _Where = {"user_id": run.user_id, "profile_id": run.profile_id, "direction": run.direction, "run": run.id}
    await conn.execute(people_sql.SETTINGS)
    if not await publishing.begin(conn, where["user_id"], where["profile_id"]):
        raise NotConnected
    where |= {"at": await _observed_end(conn, run), "after": await _whole_start(conn, where)}
    published = await _publish_staged(conn, where, evidence)
    await _finish(conn, where | {"passes": passes}, evidence, published)
    await follow_verdict(
        conn,
        published.verdict,
        run.direction,
        user_id=run.user_id,
        profile_id=run.profile_id,
        job_id=run.job_id,
    )
    return published


async def people_on(conn: WorkerConnection, user_id: UUID, profile_id: UUID, direction: Direction, at: datetime) -> int:
    """How many people the list held at `at`, as far as the published runs tell."""
    given = {"user_id": user_id, "profile_id": profile_id, "direction": direction, "at": at}
    async with conn.cursor(row_factory=scalar_row) as cursor:
        return int(await (await cursor.execute(people_sql.PEOPLE_ON, given)).fetchone() or 0)


async def _whole_start(conn: WorkerConnection, where: _Where) -> datetime | None:
    """When the newest whole walk before this one began; None where there was none."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        start: datetime | None = await (await cursor.execute(people_sql.BEFORE, where)).fetchone()
    return start


async def _observed_end(conn: WorkerConnection, run: Run) -> datetime:
    async with conn.cursor(row_factory=scalar_row) as cursor:
        end = await (await cursor.execute(people_sql.OBSERVED_END, [run.user_id, run.id])).fetchone()
    if not isinstance(end, datetime):
        raise LookupError(f"run {run.id} is over, or no page of it was staged")
    return end


async def _publish_staged(conn: WorkerConnection, where: _Where, evidence: Evidence) -> Published:
    await conn.execute(people_sql.STAGED)
    seen = (await conn.execute(people_sql.FOR_DIRECTION[where["direction"]]["stage"], where)).rowcount
    await adopt(conn, where)
    await conn.execute(people_sql.ANALYZE)
    judged = await _doubted(conn, where, await _steadied(conn, where, verdict(seen, evidence), seen, evidence))
    published = Published(judged, seen) if judged.kind == "void" else await _apply(conn, where, judged, seen)
    await conn.execute(people_sql.DROP)
    return published


async def _steadied(conn: WorkerConnection, where: _Where, judged: Verdict, seen: int, evidence: Evidence) -> Verdict:
    if judged.kind != "partial" or not is_complete(evidence):
        return judged
    apart = {**where, "former_by": where["at"] - APART}
    before = await (await conn.execute(people_sql.FORMER, apart)).fetchone()
    differs = await (await conn.execute(people_sql.DIFFERENCES, where)).fetchone()
    return steadied(judged, seen, evidence, Former(**before, **differs) if before and differs else None)


async def _doubted(conn: WorkerConnection, where: _Where, judged: Verdict) -> Verdict:
    if not judged.exact:
        return judged
    row = await (await conn.execute(people_sql.FOR_DIRECTION[where["direction"]]["absent"], where)).fetchone()
    return doubted(judged, held=row["held"], missing=row["absent"]) if row else judged


async def _apply(conn: WorkerConnection, where: _Where, judged: Verdict, seen: int) -> Published:
    renamed = (await conn.execute(people_sql.RENAMED, where)).rowcount
    await conn.execute(people_sql.UPDATED, where)
    await conn.execute(people_sql.SEEN_AGAIN, where)
    lost, missing = await _take_away(conn, where, judged)
    row = await (await conn.execute(people_sql.FOR_DIRECTION[where["direction"]]["joined"], where)).fetchone()
    joined, returned = (row["joined"], row["returned"]) if row else (0, 0)
    gained = 0 if where["after"] is None else joined
    return Published(judged, seen, gained, lost, returned, renamed, missing)


async def _take_away(conn: WorkerConnection, where: _Where, judged: Verdict) -> tuple[int, int]:
    """Only a whole list says who left: at once if it is exact, else if one six hours before had missed them too."""
    by = missed_by(judged, where["at"])
    if by is None:
        return 0, 0
    of = people_sql.FOR_DIRECTION[where["direction"]]
    lost = (await conn.execute(of["lost"], {**where, "missed_by": by})).rowcount
    if judged.exact:
        return lost, 0
    await conn.execute(of["missing"], where)
    async with conn.cursor(row_factory=scalar_row) as cursor:
        return lost, int(await (await cursor.execute(people_sql.WAITING, where)).fetchone() or 0)


async def _finish(conn: WorkerConnection, where: _Where, evidence: Evidence, published: Published) -> None:
    run = {
        "verdict": published.verdict.kind,
        "reason": published.verdict.reason,
        "exact": published.verdict.exact,
        "reported_before": evidence.reported_before,
        "reported_after": evidence.reported_after,
        "seen": published.seen,
        "gained": published.gained,
        "lost": published.lost,
        "returned": published.returned,
        "renamed": published.renamed,
        "missing": published.missing,
        "complete": is_complete(evidence),
    }
    await conn.execute(people_sql.FINISH, {**where, **run})
    await conn.execute(people_sql.CLEAR, where)
    await conn.execute(people_sql.PROFILE, {**where, **await _counts(conn, where)})


async def _counts(conn: WorkerConnection, where: _Where) -> dict[str, int | None]:
    """The classes that take both lists; unknown (None) unless the newest run of each was whole."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        known = await (await cursor.execute(people_sql.BOTH_WHOLE, where)).fetchone()
    if not known:
        return {"mutual": None, "fans": None, "not_following_back": None}
    return await (await conn.execute(people_sql.COUNT, where)).fetchone() or {}
