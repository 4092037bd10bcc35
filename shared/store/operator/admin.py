"""The operator's view: counts, times, codes and ids of jobs. Each function needs the web's own role."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString, TypeVar
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection

T = TypeVar("T")

_HEALTH: LiteralString = "select * from rollcall.operator_health(%s)"
_FAILURES: LiteralString = "select * from rollcall.operator_failures(%s)"
_STUCK: LiteralString = "select * from rollcall.operator_stuck(%s)"
_DEAD: LiteralString = "select * from rollcall.operator_dead(%s)"
_ASKED: LiteralString = "select set_config('rollcall.request_id', %s, true)"
_RETRY: LiteralString = "select rollcall.operator_retry(%s) as id"
_COOLDOWNS: LiteralString = "select * from rollcall.operator_cooldowns()"
_CONNECTIONS: LiteralString = "select * from rollcall.operator_connections(%s)"
_TABLES: LiteralString = "select * from rollcall.operator_tables()"
_EXPORTS: LiteralString = "select * from rollcall.operator_exports()"
_WORKERS: LiteralString = "select * from rollcall.operator_workers(%s)"
_IS_OPERATOR: LiteralString = "select rollcall.is_operator(%s, %s) as yes"
_NAMED: LiteralString = "select rollcall.operators_named(%s::text[])"
_CONFIRMED: LiteralString = "select rollcall.email_confirmed(%s) as yes"


@dataclass(frozen=True, slots=True)
class Health:
    """The results of one kind of job. `median` and `slow` (95 in 100) are seconds of the successful attempts."""

    platform: str | None
    kind: str
    attempts: int
    good: int
    bad: int
    waited: int
    median: float | None
    slow: float | None
    last_good_at: datetime | None

    @property
    def share(self) -> float | None:
        """Successes per hundred attempts that succeeded or failed; None without any."""
        judged = self.good + self.bad
        return 100 * self.good / judged if judged else None


@dataclass(frozen=True, slots=True)
class Failure:
    """The frequency of one error, and the consequences for its attempts."""

    error_code: str
    gave_up: int
    tried_again: int
    waited: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class StuckJob:
    """A job with a silent worker, or one that no worker took; `total` counts the unlisted ones, too."""

    id: UUID
    kind: str
    state: str
    silent: bool
    since: datetime
    total: int


@dataclass(frozen=True, slots=True)
class DeadJob:
    """A job that failed for good; `total` counts the unlisted ones, too."""

    id: UUID
    kind: str
    error_code: str | None
    attempts: int
    ended_at: datetime
    retriable: bool
    total: int


@dataclass(frozen=True, slots=True)
class ProfileCooldowns:
    """The number of profiles in a cool-down with one reason, and when the first and the last of them continue."""

    platform: str
    reason: str
    profiles: int
    first_end: datetime
    last_end: datetime


@dataclass(frozen=True, slots=True)
class Connections:
    """The connections of one kind: of the active ones `over` and `ends_soon` by date; others wait for their person."""

    platform: str
    method: str
    active: int
    over: int
    ends_soon: int
    needs_person: int
    first_end: datetime | None


@dataclass(frozen=True, slots=True)
class TableSize:
    """A table with its indexes; `rows` is an estimate, None before the first."""

    name: str
    rows: int | None
    bytes: int
    database_bytes: int


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The stored files; those that are `over` wait for the worker to remove them."""

    files: int
    bytes: int
    over: int
    over_bytes: int


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """A worker by its name (host, process, start), from its attempts."""

    worker: str
    first_at: datetime
    last_at: datetime
    attempts: int
    failed: int
    running: int


def health(conn: WebConnection, span: timedelta) -> list[Health]:
    """By platform and kind; the platform is None for jobs without a profile."""
    return _rows(conn, Health, _HEALTH, span)


def failures(conn: WebConnection, span: timedelta) -> list[Failure]:
    """By code, those that gave up first."""
    return _rows(conn, Failure, _FAILURES, span)


def stuck(conn: WebConnection, patience: timedelta) -> list[StuckJob]:
    """The hundred longest waiting jobs that are due for longer than `patience` or lost their worker."""
    return _rows(conn, StuckJob, _STUCK, patience)


def dead(conn: WebConnection, span: timedelta) -> list[DeadJob]:
    """The hundred that failed last."""
    return _rows(conn, DeadJob, _DEAD, span)


def retry(conn: WebConnection, job_id: UUID, request_id: str) -> UUID | None:
    """The id of a new job that does the same; None when this one may not be retried or already has a live successor."""
    conn.execute(_ASKED, (request_id,))
    row = conn.execute(_RETRY, (job_id,)).fetchone()
    return None if row is None else row["id"]


def cooldowns(conn: WebConnection) -> list[ProfileCooldowns]:
    return _rows(conn, ProfileCooldowns, _COOLDOWNS)


def connections(conn: WebConnection, soon: timedelta) -> list[Connections]:
    return _rows(conn, Connections, _CONNECTIONS, soon)


def tables(conn: WebConnection) -> list[TableSize]:
    """The largest first."""
    return _rows(conn, TableSize, _TABLES)


def exports(conn: WebConnection) -> ExportFiles:
    return _rows(conn, ExportFiles, _EXPORTS)[0]


def workers(conn: WebConnection, span: timedelta) -> list[SeenWorker]:
    """Workers that claimed a job in this time, the most recently active first."""
    return _rows(conn, SeenWorker, _WORKERS, span)


def email_confirmed(conn: WebConnection, user_id: UUID) -> bool:
    """Whether the identity provider has confirmed that the address belongs to the user."""
    row = conn.execute(_CONFIRMED, (user_id,)).fetchone()
    return row is not None and bool(row["yes"])


def is_operator(conn: WebConnection, address: str, user_id: UUID) -> bool:
    """Whether this account owns the operator's address: the first account that came with it."""
    row = conn.execute(_IS_OPERATOR, (address, user_id)).fetchone()
    return row is not None and bool(row["yes"])


def operators_named(conn: WebConnection, addresses: Collection[str]) -> None:
    """Binds each address to the account that has it now, and forgets addresses that are no longer named."""
    conn.execute(_NAMED, (sorted(addresses),))


def _rows(conn: WebConnection, kind: type[T], statement: LiteralString, *given: object) -> list[T]:
    with conn.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement, given).fetchall()
