"""Shared steps of publishing a walk and publishing an imported list. `where` names the profile, list and run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.rows import scalar_row

from shared.db.pools import WorkerConnection
from shared.domain.traversal.list_verdict import Verdict, missed_by
from shared.store.followers import publish_sql


async def take_away(conn: WorkerConnection, where: Mapping[str, Any], judged: Verdict) -> tuple[int, int]:
    """The numbers of people that the list ends and of those that it misses for the first time.

    A whole list alone ends stays: at once if it is exact, else if one six hours before missed them, too.
    """
    by = missed_by(judged, where["at"])
    if by is None:
        return 0, 0
    of = publish_sql.FOR_DIRECTION[where["direction"]]
    lost = (await conn.execute(of["lost"], {**where, "missed_by": by})).rowcount
    return lost, 0 if judged.exact else (await conn.execute(of["missing"], where)).rowcount


async def classes(conn: WorkerConnection, where: Mapping[str, Any]) -> dict[str, int | None]:
    """The classes that need both lists; unknown (None) unless the newest run of each was whole."""
    async with conn.cursor(row_factory=scalar_row) as cursor:
        known = await (await cursor.execute(publish_sql.BOTH_WHOLE, where)).fetchone()
    if not known:
        return {"mutual": None, "fans": None, "not_following_back": None}
    return await (await conn.execute(publish_sql.COUNT, where)).fetchone() or {}
