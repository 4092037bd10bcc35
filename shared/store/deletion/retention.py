"""Removes rows past their retention age, some at a time. Follower history, posts and derived days always stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import LiteralString

from shared.db.pools import WorkerConnection


class Old(StrEnum):
    """The kinds of rows that retention removes, in this order."""

    ATTEMPTS = "sync_attempts"
    JOBS = "sync_jobs"
    ALERTS = "alerts"
    METRICS = "media_metrics"
    CONSENTS = "oauth_states"


# Each batch walks its table in the order of an index and reads no row twice while nothing blocks it.
_DELETE: Mapping[Old, LiteralString] = {
    Old.ATTEMPTS: """
        delete from public.sync_attempts where (job_id, fence) in (
            select a.job_id, a.fence from public.sync_attempts a join public.sync_jobs j on j.id = a.job_id
            where a.started_at < now() - %(age)s and j.ended_at is not null
            limit %(limit)s for update of a skip locked
        )
    """,
    # The newest of each kind stays: it says when the work was done last, and which profile used the lane last.
    Old.JOBS: """
        delete from public.sync_jobs where id in (
            select j.id from public.sync_jobs j
            where j.ended_at < now() - %(age)s and exists (
                select from public.sync_jobs n where n.user_id = j.user_id and n.kind = j.kind and n.seq > j.seq
                    and n.profile_id is not distinct from j.profile_id
            )
            limit %(limit)s for update of j skip locked
        )
    """,
    Old.ALERTS: """
        delete from public.alerts where id in (
            select id from public.alerts
            where created_at < now() - %(age)s and (closed_at is not null or last_at < now() - %(age)s)
            limit %(limit)s for update skip locked
        )
    """,
    Old.METRICS: """
        delete from public.media_metrics where (media_id, captured_at) in (
            select m.media_id, m.captured_at from public.media_metrics m
            where m.captured_at < now() - %(age)s and exists (
                select from public.media_metrics n where n.media_id = m.media_id and n.captured_at > m.captured_at
            )
            limit %(limit)s for update of m skip locked
        )
    """,
    Old.CONSENTS: """
        delete from public.oauth_states where state_hash in (
            select state_hash from public.oauth_states where expires_at < now() - %(age)s
            limit %(limit)s for update skip locked
        )
    """,
}


def statement(what: Old) -> LiteralString:
    """The statement that removes up to %(limit)s rows older than %(age)s."""
    return _DELETE[what]


async def remove(conn: WorkerConnection, what: Old, age: timedelta, limit: int) -> int:
    """Removes up to `limit` rows of all users older than `age`, and returns their number; safe to run in parallel."""
    return (await conn.execute(statement(what), {"age": age, "limit": limit})).rowcount
