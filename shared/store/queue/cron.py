"""Jobs that a cron address starts, for all people at once. Needs the web's own role."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.domain.jobs import JobKind
from shared.store.queue import renewals

_ENQUEUE: LiteralString = "select id from rollcall.cron_enqueue(%s, %s) as made (id)"
_RESULTS: LiteralString = "select completed, failed, pending from rollcall.cron_results(%s)"
_RENEWED: LiteralString = "select completed, failed, pending from rollcall.renewal_results(%s)"
_MOST = 500


@dataclass(frozen=True, slots=True)
class Results:
    """The numbers of jobs that ended well, that failed, and that have not ended."""

    completed: int = 0
    failed: int = 0
    pending: int = 0


def enqueue_due(conn: WebConnection, kinds: Collection[JobKind], most: int = _MOST) -> list[UUID]:
    """Enqueues what the schedules have due of these kinds; returns these jobs and the live ones of the kinds."""
    return [row["id"] for row in conn.execute(_ENQUEUE, [list(kinds), most])]


def enqueue_renewals(conn: WebConnection) -> list[UUID]:
    """Enqueues the renewals that are due; returns these jobs and the live ones."""
    renewals.enqueue_due_for_web(conn)
    return enqueue_due(conn, (JobKind.RENEW_ACCESS,))


def results(conn: WebConnection, job_ids: Collection[UUID]) -> Results:
    """How these jobs stand now; one that was cancelled counts nowhere."""
    return _results(conn, _RESULTS, job_ids)


def renewal_results(conn: WebConnection, job_ids: Collection[UUID]) -> Results:
    """How these renewals stand now; one that had nothing to renew yet counts nowhere either."""
    return _results(conn, _RENEWED, job_ids)


def _results(conn: WebConnection, statement: LiteralString, job_ids: Collection[UUID]) -> Results:
    with conn.cursor(row_factory=class_row(Results)) as cursor:
        return cursor.execute(statement, [list(job_ids)]).fetchone() or Results()
