"""The mails about episodes, one for each operator's address: claimed by one worker, sent, settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, LiteralString

from psycopg.rows import class_row

from shared.alert_text import alert_text
from shared.db.pools import WorkerConnection

_CLAIM: LiteralString = """
    with due as (
        select m.id from rollcall.operator_mails m where m.state = 'DUE' and m.due_at <= now()
        order by m.due_at limit %s for update skip locked
    ), claimed as (
        update rollcall.operator_mails m set state = 'SENDING', attempts = m.attempts + 1 from due
        where m.id = due.id and m.state = 'DUE' returning m.id, m.attempts, m.alert_id, m.address
    )
    select c.id, c.attempts, c.address, a.kind, a.subject, a.params
    from claimed c join public.alerts a on a.id = c.alert_id
"""
_SETTLE: LiteralString = """
    update rollcall.operator_mails set state = %s, error = %s, due_at = now() + %s, settled_at = now()
    where id = %s and state = 'SENDING'
"""


@dataclass(frozen=True, slots=True)
class EpisodeMail:
    """One claimed mail: its recipient and its content."""

    id: int
    attempts: int
    address: str = field(repr=False)
    kind: str
    subject: str
    params: Mapping[str, Any]

    @property
    def message(self) -> str:
        """What the operator reads."""
        return alert_text(self.kind, self.subject, self.params, self.subject)


async def claim(conn: WorkerConnection, most: int) -> list[EpisodeMail]:
    """Takes due mails; each goes to one caller only."""
    async with conn.cursor(row_factory=class_row(EpisodeMail)) as cursor:
        return await (await cursor.execute(_CLAIM, [most])).fetchall()


async def mark_sent(conn: WorkerConnection, mail: EpisodeMail) -> None:
    await conn.execute(_SETTLE, ["SENT", None, timedelta(0), mail.id])


async def again(conn: WorkerConnection, mail: EpisodeMail, error: str, after: timedelta) -> None:
    """Schedules another try of a mail that was not sent."""
    await conn.execute(_SETTLE, ["DUE", error, after, mail.id])


async def give_up(conn: WorkerConnection, mail: EpisodeMail, error: str) -> None:
    await conn.execute(_SETTLE, ["FAILED", error, timedelta(0), mail.id])
