"""Renewals: the connections whose access ends soon, and the token that takes the old one's place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from shared.db.pools import WebConnection, WorkerConnection
from shared.platforms import PLATFORMS

LOOK_EVERY = timedelta(hours=1)
_ENQUEUE_DUE: LiteralString = """
    select count(*) as made from rollcall.enqueue_renewals(%(platforms)s::text[], %(methods)s::text[],
        %(before)s::interval[], %(look_every)s, %(limit)s)
"""
# Not over a token that a consent has stored meanwhile: no two encryptions of a secret are the same bytes.
_RENEW: LiteralString = """
    update public.connections set secret = %(secret)s, scopes = %(scopes)s, expires_at = %(expires_at)s,
        refreshed_at = now(), updated_at = now()
    where id = %(id)s and user_id = %(user_id)s and secret = %(opened)s and state = 'ACTIVE'
"""


async def enqueue_due(conn: WorkerConnection, limit: int = 200) -> int:
    """Enqueues a renewal for each connection that is due, at most `limit`; safe to run in parallel.

    A connection is looked at once an hour from the time on that its provider declares, and once more at its end.
    """
    row = await (await conn.execute(_ENQUEUE_DUE, _given(limit))).fetchone()
    return 0 if row is None else int(row["made"])


def enqueue_due_for_web(conn: WebConnection, limit: int = 200) -> int:
    """`enqueue_due` for a cron address; needs the web's own role."""
    row = conn.execute(_ENQUEUE_DUE, _given(limit)).fetchone()
    return 0 if row is None else int(row["made"])


async def renew(
    conn: WorkerConnection,
    user_id: UUID,
    connection_id: UUID,
    *,
    opened: bytes,
    secret: bytes,
    scopes: Collection[str],
    expires_at: datetime | None,
) -> bool:
    """Puts the new token in the place of the one that was opened; False where that is no longer there."""
    values = {"id": connection_id, "user_id": user_id, "opened": opened, "secret": secret}
    renewed = await conn.execute(_RENEW, values | {"scopes": sorted(scopes), "expires_at": expires_at})
    return renewed.rowcount == 1


def _given(limit: int) -> dict[str, Any]:
    """The ways in of every provider, each with the time before its end from which on it is due."""
    ways = [
        (platform.name, way, provider.refresh_before)
        for platform in PLATFORMS.values()
        for way, provider in platform.providers.items()
    ]
    return {
        "platforms": [platform for platform, _, _ in ways],
        "methods": [method for _, method, _ in ways],
        "before": [before for _, _, before in ways],
        "look_every": LOOK_EVERY,
        "limit": limit,
    }
