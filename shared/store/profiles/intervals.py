"""Ends a cool-down when its owner asks, and finds what failed during it."""

from __future__ import annotations

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WebConnection
from shared.domain.job_kinds import READ_BY_SYNC, SESSION_KINDS, STARTABLE
from shared.domain.jobs import JobKind

_FAILED_SINCE: LiteralString = """
    select distinct kind from public.sync_jobs
    where user_id = (select user_id from public.profiles where id = %(profile)s) and profile_id = %(profile)s
        and state = 'FAILED' and ended_at >= %(since)s and kind = any(%(kinds)s)
"""


def end_cooldown(conn: WebConnection, profile_id: UUID) -> bool:
    """Ends the profile's cool-down for its owner, and lets its waiting jobs continue; False without a cool-down."""
    row = conn.execute("select rollcall.end_cooldown(%s) as ended", [profile_id]).fetchone()
    return row is not None and bool(row["ended"])


def missed_kinds(conn: WebConnection, profile_id: UUID, since: datetime) -> set[JobKind]:
    """Returns the kinds of sync that failed since then; a SYNC stands for every kind that it reads."""
    wanted = {"profile": profile_id, "since": since, "kinds": sorted(STARTABLE & SESSION_KINDS)}
    failed = {JobKind(row["kind"]) for row in conn.execute(_FAILED_SINCE, wanted)}
    return failed - READ_BY_SYNC if JobKind.SYNC in failed else failed
