"""Alerts as episodes: the worker opens and closes them, the web shows and dismisses them.

An alert is about a profile, or without one for the operators.
An episode is one cause: a kind and a subject, such as the follower list. It opens when the cause appears, counts each
repetition, and closes when the opposite happens (a whole list, a session that answers). Its owner may dismiss it
before that; a dismissed episode stays dismissed until it closes, and the next one is shown again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.alert_text import alert_text
from shared.db.pools import WebConnection, WorkerConnection
from shared.store.params import storable


class AlertKind(StrEnum):
    LIST_VOID = "list_void"
    LIST_PARTIAL = "list_partial"
    SESSION_DEAD = "session_dead"
    CHALLENGE = "challenge"
    RATE_LIMITED = "rate_limited"
    SUSPECTED = "suspected"
    LOGIN_FAILED = "login_failed"
    ENDPOINT_CHANGED = "endpoint_changed"
    STORIES_AT_RISK = "stories_at_risk"
    JOBS_FAILING = "jobs_failing"
    TOKENS_ENDED = "tokens_ended"
    QUOTA_LOW = "quota_low"


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
OPERATOR_KINDS = frozenset({AlertKind.JOBS_FAILING, AlertKind.TOKENS_ENDED, AlertKind.QUOTA_LOW})
"""Kinds about the installation; none of them has a profile."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One episode: `times` repetitions between `created_at` and `last_at`."""

    id: int
    profile_id: UUID | None
    kind: AlertKind
    subject: str
    params: Mapping[str, Any]
    platform: str
    job_id: UUID | None
    times: int
    created_at: datetime
    last_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", AlertKind(self.kind))

    @property
    def message(self) -> str:
        """What the person reads."""
        return alert_text(self.kind, self.subject, self.params, self.platform)


_LOCK: LiteralString = """
    select pg_advisory_xact_lock(hashtextextended('alert:' || coalesce(%(profile_id)s::text, 'operators'), 0))
"""
_REPEAT: LiteralString = """
    update public.alerts set times = times + 1, last_at = now(), params = %(params)s,
        job_id = coalesce(%(job_id)s, job_id)
    where (profile_id = %(profile_id)s or %(profile_id)s::uuid is null and profile_id is null)
        and kind = %(kind)s and subject = %(subject)s and closed_at is null
"""
_OPEN: LiteralString = """
    insert into public.alerts (user_id, profile_id, kind, subject, params, job_id)
    values (%(user_id)s, %(profile_id)s, %(kind)s, %(subject)s, %(params)s, %(job_id)s)
"""
_CLOSE: LiteralString = """
    update public.alerts set closed_at = now()
    where (profile_id = %(profile_id)s and user_id = %(user_id)s or %(profile_id)s::uuid is null and profile_id is null)
        and kind = any(%(kinds)s) and closed_at is null and subject = coalesce(%(subject)s, subject)
"""
_LIST: LiteralString = """
    select a.id, a.profile_id, a.kind, a.subject, a.params, p.platform, a.job_id, a.times, a.created_at, a.last_at
    from public.alerts a join public.profiles p on p.id = a.profile_id
    where a.profile_id = %(profile_id)s and a.dismissed_at is null and a.closed_at is null
        and a.kind = any(%(kinds)s)
    order by a.last_at desc, a.id desc limit %(limit)s
"""
_DISMISS: LiteralString = """
    update public.alerts set dismissed_at = now() where profile_id = %s and id = %s and dismissed_at is null
"""


async def raise_alert(
    conn: WorkerConnection,
    kind: AlertKind,
    params: Mapping[str, Any],
    *,
    user_id: UUID | None,
    profile_id: UUID | None,
    job_id: UUID | None = None,
    subject: str = "",
) -> None:
    """Opens an episode, or counts a repetition where it is open already; without a profile it is for the operators.

    `shared/alert_text.py` makes sentences of the parameters.
    """
    values: dict[str, object] = {"user_id": user_id, "profile_id": profile_id, "kind": kind, "subject": subject}
    values |= {"params": storable(params), "job_id": job_id}
    await conn.execute(_LOCK, values)
    if not (await conn.execute(_REPEAT, values)).rowcount:
        await conn.execute(_OPEN, values)


async def close(
    conn: WorkerConnection,
    kinds: Collection[AlertKind],
    *,
    user_id: UUID | None,
    profile_id: UUID | None,
    subject: str | None = None,
) -> int:
    """Closes the open episodes of these kinds, of every subject unless one is named, and returns their number."""
    values = {"user_id": user_id, "profile_id": profile_id, "kinds": list(kinds), "subject": subject}
    return (await conn.execute(_CLOSE, values)).rowcount


def list_open(conn: WebConnection, profile_id: UUID, limit: int = 20) -> list[Alert]:
    """Returns the open episodes of a profile that its owner has not dismissed, the newest first."""
    with conn.cursor(row_factory=class_row(Alert)) as cursor:
        return cursor.execute(_LIST, {"profile_id": profile_id, "limit": limit, "kinds": list(AlertKind)}).fetchall()


def dismiss(conn: WebConnection, profile_id: UUID, alert_id: int) -> bool:
    """Dismisses one episode and returns whether it was still shown."""
    return conn.execute(_DISMISS, [profile_id, alert_id]).rowcount == 1
