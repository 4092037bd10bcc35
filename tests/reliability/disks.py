"""Disks that are really full: small file systems in memory, which only root may mount."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from psycopg import sql

from tests.reliability.machine import SIGNS_SECONDS, until
from tests.reliability.rows import Row
from tests.reliability.stage import House, NoSmallDisk, begin

_CHUNK = 64 * 1024


@contextmanager
def small_disk(place: Path, size: str, owner: int) -> Iterator[None]:
    """A file system of that size at `place`; raises NoSmallDisk where that is not allowed."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},uid={owner},mode=0700", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NoSmallDisk("there is no mount command") from None
    if done.returncode:
        raise NoSmallDisk(done.stderr.strip())
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


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
    """The pages of a walk lie on a disk of their own, which runs full in the middle and then gets room again."""
    place = there.folder / "small"
    owner = (there.database.folder / "postgres").stat().st_uid
    os.chmod(there.folder, 0o711)
    conn = there.desk.conn
    with small_disk(place, "512k", owner):
        conn.execute(sql.SQL("create tablespace small location {}").format(sql.Literal(str(place))))
        conn.execute("truncate public.list_pages")
        conn.execute("alter table public.list_pages set tablespace small")
        try:
            filler = fill(place)
            job = begin(there, row)
            until("there is no room", lambda: there.desk.job(job)["error_code"] == "database")
            filler.unlink()
            there.desk.ended([job], SIGNS_SECONDS)
        finally:
            conn.execute("alter table public.list_pages set tablespace pg_default")
            conn.execute("drop tablespace small")
    return job


def export_folder_full(there: House, row: Row) -> UUID:
    """The folder of the exports has no room for the file."""
    place = there.folder / "exports"
    with small_disk(place, "16k", os.getuid()):
        fill(place)
        job = begin(there, row)
        there.desk.ended([job], SIGNS_SECONDS)
    return job
