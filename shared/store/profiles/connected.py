"""All connections of a person, each with the account that it opens. For the web, in tenant transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.db.statements import statements
from shared.domain.jobs import JobKind

with statements(__file__) as named:
    _CONNECTED = named("connected")

_SYNCS = [kind for kind in JobKind if kind.startswith(JobKind.SYNC)]


@dataclass(frozen=True, slots=True)
class Connected:
    """A connection that has not ended. `followers` and `posts` are the profile's counters, None before a sync.

    `last_synced` is the end of the last sync by this connection, or of the last import of a data download.
    """

    id: UUID
    profile_id: UUID
    platform: str
    method: str
    state: str
    username: str
    display_name: str | None
    followers: int | None
    posts: int | None
    last_synced: datetime | None
    expires_at: datetime | None


def all_connected(conn: WebConnection) -> list[Connected]:
    """The connections of all profiles, the oldest profile first."""
    return _found(conn, None)


def one_connected(conn: WebConnection, connection_id: UUID) -> Connected | None:
    """The connection; None where the signed-in person has no such one, or it has ended."""
    return next(iter(_found(conn, connection_id)), None)


def disconnect(conn: WebConnection, connection_id: UUID) -> bool:
    """Ends this connection with its secrets and its jobs; False where there is nothing to end."""
    row = conn.execute("select rollcall.disconnect_connection(%s) as ended", [connection_id]).fetchone()
    return row is not None and bool(row["ended"])


def _found(conn: WebConnection, connection_id: UUID | None) -> list[Connected]:
    with conn.cursor(row_factory=class_row(Connected)) as cursor:
        return cursor.execute(_CONNECTED, {"kinds": _SYNCS, "id": connection_id}).fetchall()
