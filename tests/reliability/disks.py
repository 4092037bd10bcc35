"""Disks that are really full: small file systems in memory, which only root may mount."""

from __future__ import annotations

import errno
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import UUID

import psycopg

from tests.reliability.machine import SIGNS_SECONDS, until
from tests.reliability.rows import Row
from tests.reliability.stage import House, NotHere, begin

_CHUNK = 1024 * 1024


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[None]:
    """A file system of that size at `place`; raises NotHere where that is not allowed."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotHere("there is no mount command") from None
    if done.returncode:
        raise NotHere(done.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@contextmanager
def database_disk(folder: Path) -> Iterator[None]:
    """The whole database below `folder` lies on a disk of its own; on the machine's where that is not allowed."""
    with ExitStack() as stack:
        with suppress(NotHere):
            stack.enter_context(small_disk(folder / "postgres", "1g"))
        yield


def fill(place: Path) -> Path:
    """A file that takes all the room that is left."""
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * _CHUNK):
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
    return filler


def database_full(there: House, row: Row) -> UUID:
    """The disk of the database, its write-ahead log included, runs full before the first page and gets room again."""
    place = there.folder / "postgres"
    if not place.is_mount():
        raise NotHere("only root may mount a disk for the database")
    there.workers.signal(0, signal.SIGSTOP)
    job = begin(there, row)
    there.desk.conn.execute("truncate public.list_pages")
    there.desk.conn.execute("checkpoint")
    told = there.log.stat().st_size
    filler = fill(place)
    try:
        there.workers.signal(0, signal.SIGCONT)
        until("the worker meets the full disk", lambda: _is_met(there, job, told))
    finally:
        filler.unlink()
    _started_again(there)
    there.desk.ended([job], SIGNS_SECONDS)
    return job


def _is_met(there: House, job: UUID, told: int) -> bool:
    """Whether the job or the queue could not write, as the job or the log from byte `told` says."""
    try:
        code = there.desk.job(job)["error_code"]
    except psycopg.OperationalError:
        return True
    return code == "database" or b'"DiskFull"' in there.log.read_bytes()[told:]


def _started_again(there: House) -> None:
    """A server that could not even write its log ends itself."""
    try:
        there.desk.conn.execute("select 1")
    except psycopg.OperationalError:
        there.database.crash()
        there.database.start()
        there.desk.reopen()


def export_folder_full(there: House, row: Row) -> UUID:
    """The folder of the exports has no room for the file."""
    place = there.folder / "exports"
    with small_disk(place, "16k"):
        fill(place)
        job = begin(there, row)
        there.desk.ended([job], SIGNS_SECONDS)
    return job
