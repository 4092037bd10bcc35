"""Alerts about a profile, kept as episodes: the worker opens and closes them, the web shows and dismisses them.

An episode is one cause: a kind and a subject, such as the follower list. It opens when the cause appears, counts each
repetition, and closes when the opposite happens (a whole list, a session that answers). Its owner may dismiss it
before that; a dismissed episode stays dismissed until it closes, and the next one is shown again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain.input.text import clean


class AlertKind(StrEnum):
    LIST_VOID = "list_void"
    LIST_PARTIAL = "list_partial"
    SESSION_DEAD = "session_dead"
    CHALLENGE = "challenge"
    RATE_LIMITED = "rate_limited"
    SUSPECTED = "suspected"
    LOGIN_FAILED = "login_failed"
    ROUTE_CHANGED = "route_changed"
    STORIES_AT_RISK = "stories_at_risk"


SESSION_KINDS = frozenset(
    {
        AlertKind.SESSION_DEAD,
        AlertKind.CHALLENGE,
        AlertKind.SUSPECTED,
        AlertKind.LOGIN_FAILED,
        AlertKind.STORIES_AT_RISK,
    }
)
"""Kinds that a session which answers again closes."""
LIST_KINDS = frozenset({AlertKind.LIST_VOID, AlertKind.LIST_PARTIAL})
"""Kinds that a whole list closes."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One episode: `times` repetitions between `created_at` and `last_at`."""

    id: int
    profile_id: UUID
    kind: AlertKind
    message: str
    job_id: UUID | None
    times: int
    created_at: datetime
    last_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", AlertKind(self.kind))


_LOCK: LiteralString = "select pg_advisory_xact_lock(hashtextextended('alert:' || %(profile_id)s, 0))"
_REPEAT: LiteralString = """
    update public.alerts set times = times + 1, last_at = now(), message = %(message)s,
        job_id = coalesce(%(job_id)s, job_id)
    where profile_id = %(profile_id)s and kind = %(kind)s and subject = %(subject)s and closed_at is null
"""
_OPEN: LiteralString = """
    insert into public.alerts (user_id, profile_id, kind, subject, message, job_id)
    values (%(user_id)s, %(profile_id)s, %(kind)s, %(subject)s, %(message)s, %(job_id)s)
"""
_CLOSE: LiteralString = """
    update public.alerts set closed_at = now()
    where user_id = %(user_id)s and profile_id = %(profile_id)s and kind = any(%(kinds)s) and closed_at is null
        and subject = coalesce(%(subject)s, subject)
"""
# An older worker may still write 'route_back', which opens no episode.
_LIST: LiteralString = """
    select id, profile_id, kind, message, job_id, times, created_at, last_at from public.alerts
    where profile_id = %(profile_id)s and seen_at is null and closed_at is null and kind <> 'route_back'
    order by last_at desc, id desc limit %(limit)s
"""
_DISMISS: LiteralString = """
    update public.alerts set seen_at = now() where profile_id = %s and id = %s and seen_at is null
"""


async def raise_alert(
    conn: WorkerConnection,
    kind: AlertKind,
    message: str,
    *,
    user_id: UUID,
    profile_id: UUID,
    job_id: UUID | None = None,
    subject: str = "",
) -> None:
    """Opens an episode, or counts a repetition where it is open already. `message` is shown to the person as it is."""
    values = {"user_id": user_id, "profile_id": profile_id, "kind": kind, "subject": subject}
    values |= {"message": clean(message), "job_id": job_id}
    await conn.execute(_LOCK, values)
    if not (await conn.execute(_REPEAT, values)).rowcount:
        await conn.execute(_OPEN, values)


async def close(
    conn: WorkerConnection,
    kinds: Collection[AlertKind],
    *,
    user_id: UUID,
    profile_id: UUID,
    subject: str | None = None,
) -> int:
    """Closes the open episodes of these kinds, of every subject unless one is named, and returns their number."""
    values = {"user_id": user_id, "profile_id": profile_id, "kinds": list(kinds), "subject": subject}
    return (await conn.execute(_CLOSE, values)).rowcount


def shown(conn: WebConnection, profile_id: UUID, limit: int = 20) -> list[Alert]:
    """Returns the open episodes of a profile that its owner has not dismissed, the newest first."""
    with conn.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(_LIST, {"profile_id": profile_id, "limit": limit}).fetchall()


def dismiss(conn: WebConnection, profile_id: UUID, alert_id: int) -> bool:
    """Dismisses one episode and returns whether it was still shown."""
    return conn.execute(_DISMISS, [profile_id, alert_id]).rowcount == 1
