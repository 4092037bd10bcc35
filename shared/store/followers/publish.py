"""Publishes a walk: one transaction of set operations that writes only differences.

People are matched by the platform's id. `people` holds the present state, `stays` the history; only this module
keeps both in step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import scalar_row

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.social import Direction
from shared.domain.traversal.list_verdict import (
    APART,
    Evidence,
    Former,
    Verdict,
    accept_steady_gap,
    guard_mass_loss,
    is_complete,
    judge,
    miss_cutoff,
)
from shared.errors import NotConnected
from shared.store import publishing
from shared.store.followers import publication
from shared.store.followers.list_alerts import follow_verdict
from shared.store.followers.merge_by_name import adopt
from shared.store.followers.publication import classes, for_direction, take_away
from shared.store.followers.runs import Run

_Where = dict[str, Any]

with statements(__file__) as named:
    _BEFORE = named("before")
    _OBSERVED_END = named("observed_end")
    _FOR_DIRECTION = for_direction(stage=named("stage"), absent=named("absent"), joined=named("joined"))
    _ANALYZE = named("analyze")
    _RENAMED = named("renamed")
    _UPDATED = named("updated")
    _FORMER = named("former")
    _DIFFERENCES = named("differences")
    _WAITING = named("waiting")
    _FINISH = named("finish")
    _CLEAR = named("clear")
    PEOPLE_ON = named("people_on")


@dataclass(frozen=True, slots=True)
class Published:
    """The changes of a run. `gained` counts all people who came since an earlier whole run, `returned` those of them
    who had been there before; the people of a first reading are neither. `missing` wait for a second whole run.
    """

    verdict: Verdict
    seen: int
    gained: int = 0
    lost: int = 0
    returned: int = 0
    renamed: int = 0
    missing: int = 0


async def publish(conn: WorkerConnection, run: Run, evidence: Evidence, passes: int = 1) -> Published:
    """Judges the staged pages of `run`, from `passes` passes; publishes what is allowed, in the caller's transaction.

    Raises NotConnected if the profile is gone, LookupError if the run is over or has no staged page.
    """
    where: _Where = {"user_id": run.user_id, "profile_id": run.profile_id, "direction": run.direction, "run": run.id}
    await conn.execute(publication.SETTINGS)
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
    """The number of people in the list at `at`, as far as the published runs show."""
    given = {"user_id": user_id, "profile_id": profile_id, "direction": direction, "at": at}
    async with conn.cursor(row_factory=scalar_row) as cursor:
        return int(await (await cursor.execute(PEOPLE_ON, given)).fetchone() or 0)


async def _whole_start(conn: WorkerConnection, where: _Where) -> datetime | None:
    """The start of the newest whole walk before this one; None without one."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        start: datetime | None = await (await cursor.execute(_BEFORE, where)).fetchone()
    return start


async def _observed_end(conn: WorkerConnection, run: Run) -> datetime:
    async with conn.cursor(row_factory=scalar_row) as cursor:
        end = await (await cursor.execute(_OBSERVED_END, [run.user_id, run.id])).fetchone()
    if not isinstance(end, datetime):
        raise LookupError(f"run {run.id} is over, or no page of it was staged")
    return end


async def _publish_staged(conn: WorkerConnection, where: _Where, evidence: Evidence) -> Published:
    await conn.execute(publication.STAGED)
    seen = (await conn.execute(_FOR_DIRECTION[where["direction"]]["stage"], where)).rowcount
    await adopt(conn, where)
    await conn.execute(_ANALYZE)
    judged = await _guard_mass_loss(
        conn, where, await _accept_steady_gap(conn, where, judge(seen, evidence), seen, evidence)
    )
    published = Published(judged, seen) if judged.kind == "void" else await _apply(conn, where, judged, seen)
    await conn.execute(publication.DROP)
    return published


async def _accept_steady_gap(
    conn: WorkerConnection, where: _Where, judged: Verdict, seen: int, evidence: Evidence
) -> Verdict:
    if judged.kind != "partial" or not is_complete(evidence):
        return judged
    apart = {**where, "former_by": where["at"] - APART}
    before = await (await conn.execute(_FORMER, apart)).fetchone()
    differs = await (await conn.execute(_DIFFERENCES, where)).fetchone()
    return accept_steady_gap(judged, seen, evidence, Former(**before, **differs) if before and differs else None)


async def _guard_mass_loss(conn: WorkerConnection, where: _Where, judged: Verdict) -> Verdict:
    if not judged.exact:
        return judged
    row = await (await conn.execute(_FOR_DIRECTION[where["direction"]]["absent"], where)).fetchone()
    return guard_mass_loss(judged, held=row["held"], missing=row["absent"]) if row else judged


async def _apply(conn: WorkerConnection, where: _Where, judged: Verdict, seen: int) -> Published:
    renamed = (await conn.execute(_RENAMED, where)).rowcount
    await conn.execute(_UPDATED, where)
    await conn.execute(publication.SEEN_AGAIN, where)
    lost, _ = await take_away(conn, where, judged)
    missing = await _missing(conn, where, judged)
    row = await (await conn.execute(_FOR_DIRECTION[where["direction"]]["joined"], where)).fetchone()
    joined, returned = (row["joined"], row["returned"]) if row else (0, 0)
    gained = 0 if where["after"] is None else joined
    return Published(judged, seen, gained, lost, returned, renamed, missing)


async def _missing(conn: WorkerConnection, where: _Where, judged: Verdict) -> int:
    """The number of people who wait for a second whole list that misses them, too."""
    if judged.exact or miss_cutoff(judged, where["at"]) is None:
        return 0
    async with conn.cursor(row_factory=scalar_row) as cursor:
        return int(await (await cursor.execute(_WAITING, where)).fetchone() or 0)


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
    await conn.execute(_FINISH, {**where, **run})
    await conn.execute(_CLEAR, where)
    await conn.execute(publication.PROFILE, {**where, **await classes(conn, where)})
