"""The machine's faults: each lets its work begin, hits the processes at one certain moment, and returns the job."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, LiteralString
from uuid import UUID

import psutil

from tests.conftest import REPO
from tests.reliability.rows import Row
from tests.reliability.stage import House, begin
from tests.rig.audit import Owner
from tests.rig.desk import wait_for

SIGNS_SECONDS = 240.0
_STOPPED_SECONDS, _CRASHED_SECONDS = 60.0, 3.0
_STAGED: LiteralString = """
    select count(*) as pages from public.list_pages p join public.list_runs r on r.id = p.run_id where r.job_id = %s
"""
_PUBLISHED: LiteralString = "select from public.list_runs where job_id = %s and state = 'PUBLISHED'"
_BLOCKED: LiteralString = "select from pg_stat_activity where usename = 'rollcall_worker' and wait_event_type = 'Lock'"


def until(what: str, holds: Callable[[], object]) -> None:
    """Returns once `holds` is true; AssertionError when it does not come true."""
    assert wait_for(lambda: bool(holds()), SIGNS_SECONDS), f"it did not come to this: {what}"


def _slowly(there: House, row: Row) -> UUID:
    """The work, so slow that something may happen in its middle."""
    there.fault(row, {"kind": "slow", "where": "json", "ms": 700, "times": 30})
    return begin(there, row)


def _in_the_middle(there: House, row: Row) -> UUID:
    """The work, with a page read and others to come."""
    job = _slowly(there, row)
    until("a page is read", lambda: _rows(there.desk.conn, _STAGED, job)[0]["pages"])
    return job


def _rows(conn: Owner, statement: LiteralString, *values: object) -> list[dict[str, Any]]:
    return conn.execute(statement, values).fetchall()


def killed_before_the_claim(there: House, row: Row) -> UUID:
    there.workers.signal(0, signal.SIGKILL)
    job = begin(there, row)
    there.workers.kill(0)
    return job


def killed_after_the_claim(there: House, row: Row) -> UUID:
    job = _slowly(there, row)
    until("the job is claimed", lambda: there.desk.job(job)["state"] == "RUNNING")
    there.workers.kill(0)
    return job


def killed_in_the_middle_of_a_page(there: House, row: Row) -> UUID:
    job = _in_the_middle(there, row)
    there.workers.kill(0)
    return job


@contextmanager
def _held(there: House, lock: LiteralString, profile: UUID) -> Iterator[None]:
    """Whatever needs this row waits, until the block is left."""
    with there.database.connect() as conn, conn.transaction():
        conn.execute(lock, [profile])
        yield


def killed_before_publishing(there: House, row: Row) -> UUID:
    lock: LiteralString = "select from public.profiles where id = %s for no key update"
    job = _in_the_middle(there, row)
    with _held(there, lock, there.profile(row)):
        until("the publication waits for the profile's row", lambda: _rows(there.desk.conn, _BLOCKED))
        there.workers.kill(0)
    return job


def killed_after_publishing(there: House, row: Row) -> UUID:
    lock: LiteralString = "select from public.connections where profile_id = %s for update"
    job = _in_the_middle(there, row)
    with _held(there, lock, there.profile(row)):
        until("the list is published", lambda: _rows(there.desk.conn, _PUBLISHED, job))
        there.workers.kill(0)
    return job


def killed_while_it_asks(there: House, row: Row) -> UUID:
    job = there.desk.log_in(there.members[row.key], with_secret=False)
    until("the job asks", lambda: there.desk.job(job)["state"] == "NEEDS_INPUT")
    there.workers.kill(0)
    return job


def frozen_and_woken(there: House, row: Row) -> UUID:
    """Two workers on one profile: the first loses its lease asleep and wakes while the second is at work."""
    job = _in_the_middle(there, row)
    fence = there.desk.job(job)["fence"]
    there.workers.signal(0, signal.SIGSTOP)
    second = there.workers.add()
    until("the second worker has taken the job over", lambda: there.desk.job(job)["fence"] > fence)
    until("the second worker reads", lambda: _rows(there.desk.conn, _STAGED, job)[0]["pages"])
    there.workers.signal(0, signal.SIGCONT)
    there.desk.ended([job], SIGNS_SECONDS)
    there.workers.remove(second)
    return job


def connections_cut(there: House, row: Row) -> UUID:
    job = _in_the_middle(there, row)
    there.database.cut_connections()
    return job


def _away(there: House, go: Callable[[], None], seconds: float) -> None:
    go()
    time.sleep(seconds)
    there.database.start()
    there.desk.reopen()


def database_stopped(there: House, row: Row) -> UUID:
    job = _in_the_middle(there, row)
    _away(there, there.database.stop, _STOPPED_SECONDS)
    return job


def database_crashed(there: House, row: Row) -> UUID:
    job = _in_the_middle(there, row)
    _away(there, there.database.crash, _CRASHED_SECONDS)
    return job


def database_died(there: House, row: Row) -> UUID:
    """The embedded database dies alone, and what keeps it under `rollcall up` starts it again."""
    job = _in_the_middle(there, row)
    there.database.die()
    until("the database that died is started again", there.database.keep)
    there.desk.reopen()
    return job


def notify_lost(there: House, row: Row) -> UUID:
    there.desk.conn.execute("alter table public.sync_jobs disable trigger job_enqueued")
    try:
        return begin(there, row)
    finally:
        there.desk.conn.execute("alter table public.sync_jobs enable trigger job_enqueued")


def clock_set_back(there: House, row: Row) -> UUID:
    return _with_clock(there, row, "-86400")


def clock_set_forward(there: House, row: Row) -> UUID:
    return _with_clock(there, row, "+864000")


def _with_clock(there: House, row: Row, seconds: str) -> UUID:
    """The clock of the worker's machine jumps in the middle of a walk, which another worker then takes over."""
    job = _in_the_middle(there, row)
    there.workers.kill(0, "tests.reliability.skewed_worker", PYTHONPATH=str(REPO), ROLLCALL_TEST_CLOCK=seconds)
    there.desk.ended([job], SIGNS_SECONDS)
    there.desk.quiet(SIGNS_SECONDS)
    there.workers.kill(0)
    return job


def chromium_killed(there: House, row: Row) -> UUID:
    job = _in_the_middle(there, row)
    assert there.workers.kill_browsers()
    return job


def chromium_hung(there: House, row: Row) -> UUID:
    job = _in_the_middle(there, row)
    for process in there.workers.browsers():
        process.suspend()
    return job


def renderer_killed(there: House, row: Row) -> UUID:
    """As when memory is short: the system ends the process of a page and leaves the browser."""
    job = _in_the_middle(there, row)
    for process in there.workers.browsers():
        # A process may end by itself meanwhile.
        with suppress(psutil.NoSuchProcess):
            if "--type=renderer" in process.cmdline():
                process.kill()
    return job
