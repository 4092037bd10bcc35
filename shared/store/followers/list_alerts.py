"""The alert of one list: a verdict that is not whole opens it, a whole one closes it."""

from __future__ import annotations

from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.social import Direction
from shared.domain.traversal.list_verdict import Verdict
from shared.store.profiles.alerts import LIST_KINDS, AlertKind, close, raise_alert

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
    """Closes the episodes that the verdict ends, and opens or repeats the one that it calls for.

    `source` is "data_download" for an imported list.
    """
    kind = _KINDS.get(judged.kind)
    await close(conn, LIST_KINDS - {kind}, user_id=user_id, profile_id=profile_id, subject=direction)
    if kind is not None:
        params = {"source": source, "reason": judged.reason}
        await raise_alert(conn, kind, params, user_id=user_id, profile_id=profile_id, job_id=job_id, subject=direction)
