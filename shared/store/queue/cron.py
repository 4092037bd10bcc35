"""Jobs that a cron address starts, for all people at once. Needs the web's own role."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.domain.jobs import JobKind

_ENQUEUE: LiteralString = "select id from rollcall.cron_enqueue(%s, %s) as made (id)"
_RESULTS: LiteralString = "select completed, failed, pending from rollcall.cron_results(%s)"
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


def results(conn: WebConnection, job_ids: Collection[UUID]) -> Results:
    """How these jobs stand now; one that was cancelled counts nowhere."""
    with conn.cursor(row_factory=class_row(Results)) as cursor:
        return cursor.execute(_RESULTS, [list(job_ids)]).fetchone() or Results()
