"""Alerts by mail: each user's choice, and the mails that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.alert_text import alert_text
from shared.db.pools import WebConnection, WorkerConnection

_PREFERENCE: LiteralString = "select alerts from public.email_preferences where user_id = %s"
_SET_PREFERENCE: LiteralString = """
    insert into public.email_preferences as w (user_id, alerts) values (%s, %s)
    on conflict (user_id) do update set alerts = excluded.alerts, changed_at = now() where w.alerts <> excluded.alerts
"""
_PLAN: LiteralString = "select rollcall.plan_emails() as planned"
_CLAIM: LiteralString = "select * from rollcall.claim_emails(%s)"
_SETTLE: LiteralString = """
    update public.alert_deliveries set state = %s, error = %s, due_at = now() + %s, settled_at = now()
    where id = %s and state = 'SENDING'
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """One claimed mail: its recipient and its content."""

    id: int
    attempts: int
    address: str = field(repr=False)
    username: str
    profile_id: UUID
    kind: str
    subject: str
    params: Mapping[str, Any]
    platform: str

    @property
    def message(self) -> str:
        """What the person reads."""
        return alert_text(self.kind, self.subject, self.params, self.platform)


def wants_alerts(conn: WebConnection, user_id: UUID) -> bool:
    """Whether this user wants alerts by mail; False until they say so."""
    row = conn.execute(_PREFERENCE, [user_id]).fetchone()
    return row is not None and bool(row["alerts"])


def set_preference(conn: WebConnection, user_id: UUID, alerts: bool) -> None:
    """Stores the choice from now on; earlier events are not mailed."""
    conn.execute(_SET_PREFERENCE, [user_id, alerts])


async def plan(conn: WorkerConnection) -> int:
    """Makes the mails that users want, and returns the number of new ones."""
    row = await (await conn.execute(_PLAN)).fetchone()
    return int(row["planned"]) if row else 0


async def claim(conn: WorkerConnection, most: int) -> list[Mail]:
    """Takes due mails; each goes to one caller only."""
    async with conn.cursor(row_factory=class_row(Mail)) as cursor:
        return await (await cursor.execute(_CLAIM, [most])).fetchall()


async def mark_sent(conn: WorkerConnection, mail: Mail) -> None:
    await conn.execute(_SETTLE, ["SENT", None, timedelta(0), mail.id])


async def again(conn: WorkerConnection, mail: Mail, error: str, after: timedelta) -> None:
    """Schedules another try of a mail that was not sent."""
    await conn.execute(_SETTLE, ["DUE", error, after, mail.id])


async def give_up(conn: WorkerConnection, mail: Mail, error: str) -> None:
    await conn.execute(_SETTLE, ["FAILED", error, timedelta(0), mail.id])
