"""Renewals: the connections whose access ends soon, and the token that takes the old one's place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.db.statements import statements
from shared.domain.jobs import SCHEDULED_PRIORITY
from shared.platforms import PLATFORMS

with statements(__file__) as named:
    _ENQUEUE_DUE = named("enqueue_due")

LOOK_EVERY = timedelta(hours=1)
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
    ways = [
        (platform.name, way, provider.refresh_before)
        for platform in PLATFORMS.values()
        for way, provider in platform.providers.items()
    ]
    given = {
        "platforms": [platform for platform, _, _ in ways],
        "methods": [method for _, method, _ in ways],
        "before": [before for _, _, before in ways],
        "look_every": LOOK_EVERY,
        "limit": limit,
        "priority": SCHEDULED_PRIORITY,
    }
    row = await (await conn.execute(_ENQUEUE_DUE, given)).fetchone()
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
