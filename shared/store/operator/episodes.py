"""Episodes for the operators: what causes them, and the alerts that follow. For the worker; the web reads those open.

An episode is an alert without a profile. One that closed within a day is opened again instead of beginning anew, so
that a share which moves around its mark is one episode with one mail.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.rows import class_row

from shared.alert_text import alert_text
from shared.db.pools import WebConnection, WorkerConnection
from shared.domain.operation import ENDED_LATELY, LOOKED_BACK, Ended, QuotaState, Trouble
from shared.platforms.platform import Quota
from shared.store.params import storable
from shared.store.profiles.alerts import OPERATOR_KINDS

_ENDED: LiteralString = """
    select p.platform, count(*) filter (where j.state = 'COMPLETED') as completed,
        count(*) filter (where j.state = 'FAILED') as failed
    from public.sync_jobs j join public.profiles p on p.id = j.profile_id
    where j.ended_at > now() - %s and j.state in ('COMPLETED', 'FAILED') group by p.platform
"""
_TOKENS: LiteralString = """
    select p.platform, count(*) as number
    from public.connections c join public.profiles p on p.id = c.profile_id
    where (c.state = 'ACTIVE' or c.state = 'EXPIRED' and c.state_since >= c.expires_at) and c.method <> 'browser'
        and c.expires_at <= now() and c.expires_at > now() - %s
    group by p.platform
"""
_QUOTA: LiteralString = """
    select q.quota, q.units::integer as units, q.day_limit, coalesce(q.spent_until > now(), false) as is_spent
    from rollcall.api_quotas q where q.quota = %s and q.day = (now() at time zone %s)::date
"""
_LOCK: LiteralString = "select pg_advisory_xact_lock(hashtextextended('alert:operators', 0))"
_LATEST: LiteralString = """
    select distinct on (kind, subject) id, kind, subject, closed_at,
        coalesce(closed_at > now() - interval '1 day', true) as goes_on
    from public.alerts where profile_id is null and kind = any(%s) order by kind, subject, id desc
"""
_GO_ON: LiteralString = """
    update public.alerts set params = %s, last_at = now(), closed_at = null,
        times = times + (closed_at is not null)::integer
    where id = %s
"""
_OPEN: LiteralString = """
    insert into public.alerts (kind, subject, params) values (%s, %s, %s) returning id
"""
_MAIL: LiteralString = """
    insert into rollcall.operator_mails (alert_id, address) select %s, unnest(%s::text[]) on conflict do nothing
"""
_CLOSE: LiteralString = "update public.alerts set closed_at = now() where id = any(%s) and closed_at is null"
_SHOWN: LiteralString = "select * from rollcall.operator_episodes()"


@dataclass(frozen=True, slots=True)
class Episode:
    """An open episode, as operators see it."""

    id: int
    kind: str
    subject: str
    params: Mapping[str, Any]
    created_at: datetime
    last_at: datetime

    @property
    def message(self) -> str:
        """What the operator reads."""
        return alert_text(self.kind, self.subject, self.params, self.subject)


async def job_results(conn: WorkerConnection) -> list[Ended]:
    """The jobs that ended lately, by platform."""
    async with conn.cursor(row_factory=class_row(Ended)) as cursor:
        return await (await cursor.execute(_ENDED, [LOOKED_BACK])).fetchall()


async def ended_tokens(conn: WorkerConnection) -> dict[str, int]:
    """The numbers of tokens, by platform, whose end came lately without a renewal."""
    rows = await (await conn.execute(_TOKENS, [ENDED_LATELY])).fetchall()
    return {row["platform"]: row["number"] for row in rows}


async def quota_state(conn: WorkerConnection, quota: Quota) -> QuotaState | None:
    """A quota on its present day; None where no call was made on it."""
    async with conn.cursor(row_factory=class_row(QuotaState)) as cursor:
        return await (await cursor.execute(_QUOTA, [quota.name, quota.zone])).fetchone()


async def follow(conn: WorkerConnection, found: Sequence[Trouble], addresses: Collection[str]) -> list[Trouble]:
    """Opens, continues and closes episodes so that exactly these are open; returns those that begin.

    Each that begins is mailed once to each address.
    """
    await conn.execute(_LOCK)
    rows = await (await conn.execute(_LATEST, [sorted(OPERATOR_KINDS)])).fetchall()
    latest = {(row["kind"], row["subject"]): row for row in rows}
    begun = []
    for one in found:
        known = latest.pop((one.kind, one.subject), None)
        if known is not None and known["goes_on"]:
            await conn.execute(_GO_ON, [storable(one.params), known["id"]])
            continue
        row = await (await conn.execute(_OPEN, [one.kind, one.subject, storable(one.params)])).fetchone()
        if row is not None:
            await conn.execute(_MAIL, [row["id"], sorted(addresses)])
            begun.append(one)
    await conn.execute(_CLOSE, [[row["id"] for row in latest.values() if row["closed_at"] is None]])
    return begun


def open_episodes(conn: WebConnection) -> list[Episode]:
    """The open episodes, the newest first. Needs the web's own role."""
    with conn.cursor(row_factory=class_row(Episode)) as cursor:
        return cursor.execute(_SHOWN).fetchall()
