"""Things that a person should know about a profile: the worker raises them, the web shows them until they were seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection


class AlertKind(StrEnum):
    LIST_VOID = "list_void"
    LIST_PARTIAL = "list_partial"
    SESSION_DEAD = "session_dead"
    CHALLENGE = "challenge"
    RATE_LIMITED = "rate_limited"
    SUSPECTED = "suspected"
    LOGIN_FAILED = "login_failed"
    ROUTE_CHANGED = "route_changed"
    ROUTE_BACK = "route_back"
    STORIES_AT_RISK = "stories_at_risk"


@dataclass(frozen=True, slots=True)
class Alert:
    """One row of `alerts`; `seen_at` is None until the person put it away."""

    id: int
    profile_id: UUID
    kind: AlertKind
    message: str
    job_id: UUID | None
    created_at: datetime
    seen_at: datetime | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", AlertKind(self.kind))


_ADD: LiteralString = """
    insert into public.alerts (user_id, profile_id, kind, message, job_id) values (%s, %s, %s, %s, %s)
"""
_UNSEEN: LiteralString = """
    select id, profile_id, kind, message, job_id, created_at, seen_at from public.alerts
    where profile_id = %s and seen_at is null order by created_at desc, id desc limit %s
"""
_SEEN: LiteralString = "update public.alerts set seen_at = now() where profile_id = %s and id <= %s and seen_at is null"


async def raise_alert(
    conn: WorkerConnection,
    kind: AlertKind,
    message: str,
    *,
    user_id: UUID,
    profile_id: UUID,
    job_id: UUID | None = None,
) -> None:
    """Writes one alert. `message` is shown to the person as it is."""
    await conn.execute(_ADD, [user_id, profile_id, kind, message, job_id])


def unseen(conn: WebConnection, profile_id: UUID, limit: int = 5) -> list[Alert]:
    """The newest alerts of a profile that its owner has not put away yet."""
    with conn.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(_UNSEEN, [profile_id, limit]).fetchall()


def mark_seen(conn: WebConnection, profile_id: UUID, up_to: int) -> int:
    """Puts away every alert of a profile up to the id `up_to` and returns how many that were."""
    return conn.execute(_SEEN, [profile_id, up_to]).rowcount
