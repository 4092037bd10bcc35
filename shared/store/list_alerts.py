"""The alert of one list: opened by a verdict that is not whole, closed by a whole one."""

from __future__ import annotations

from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.follow_diff import Verdict
from shared.domain.social import Direction
from shared.store.alerts import LIST_KINDS, AlertKind, close, raise_alert

_KINDS = {"void": AlertKind.LIST_VOID, "partial": AlertKind.LIST_PARTIAL}


async def follow_verdict(
    conn: WorkerConnection,
    judged: Verdict,
    direction: Direction,
    *,
    user_id: UUID,
    profile_id: UUID,
    job_id: UUID | None,
    source: str = "",
) -> None:
    """Closes the episodes of the list that the verdict ends, and opens or repeats the one that it calls for.

    `source` is "archive" for an imported list.
    """
    kind = _KINDS.get(judged.kind)
    await close(conn, LIST_KINDS - {kind}, user_id=user_id, profile_id=profile_id, subject=direction)
    if kind is not None:
        params = {"source": source, "reason": judged.reason}
        await raise_alert(conn, kind, params, user_id=user_id, profile_id=profile_id, job_id=job_id, subject=direction)
