"""The published list runs of each job: verdict, endpoint and number of passes. For the web."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.domain.social import Direction, EndpointId
from shared.domain.traversal.list_verdict import Kind

_OF_JOBS: LiteralString = """
    select job_id, direction, verdict, reason, seen, pages, passes, endpoint from public.list_runs
    where user_id = (select user_id from public.profiles where id = %(profile_id)s) and profile_id = %(profile_id)s
        and job_id = any(%(jobs)s) and state = 'PUBLISHED'
    order by ended_at
"""


@dataclass(frozen=True, slots=True)
class ListReading:
    """One published run. `reason` is a sentence, None where the walk saw as many people as the profile counted."""

    job_id: UUID
    direction: Direction
    verdict: Kind
    reason: str | None
    seen: int
    pages: int
    passes: int
    endpoint: EndpointId | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "direction", Direction(self.direction))


def of_jobs(conn: WebConnection, profile_id: UUID, job_ids: Sequence[UUID]) -> dict[UUID, list[ListReading]]:
    """The runs that each of these jobs published, in their order; an empty list for a job without one."""
    found: dict[UUID, list[ListReading]] = {job_id: [] for job_id in job_ids}
    with conn.cursor(row_factory=class_row(ListReading)) as cursor:
        for reading in cursor.execute(_OF_JOBS, {"profile_id": profile_id, "jobs": list(job_ids)}):
            found[reading.job_id].append(reading)
    return found
