"""Writing followers as CSV and XLSX, beside their floors: COPY … TO STDOUT into a file, and a bare openpyxl loop.

Ours is the whole of an export but its job: one snapshot, the join that says since when, escaping, the file. Each figure
comes from a process of its own, so that its peak of memory is its own; all read one embedded PostgreSQL.
"""

import argparse
import asyncio
import json
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg
from openpyxl import Workbook
from psycopg import sql
from psycopg.rows import tuple_row

from shared.db import pools, roles
from shared.db.embedded import embedded
from shared.db.migrate import migrate
from shared.domain.exports import Format, What
from shared.store.files.exports import Export
from worker.exports.tables import TABLES
from worker.exports.write import write

_PEOPLE: LiteralString = """
    with people as (
        insert into public.people (user_id, profile_id, platform_id, username, full_name, is_private, is_verified,
            follows_me, follows_me_since, first_seen_at, updated_at)
        select %(user)s, %(profile)s, (40000000000 + i * 37)::text, 'name.' || to_hex(hashint8(i) & 16777215) || i,
            'Name ' || i || ' Family', i %% 3 = 0, i %% 97 = 0, true,
            timestamptz '2026-01-01' + (i / 1000) * interval '1 hour', now(), now()
        from generate_series(1, %(size)s) i
        returning user_id, profile_id, id, follows_me_since
    )
    insert into public.follow_spans (user_id, profile_id, person_id, direction, since, since_after, since_known)
    select user_id, profile_id, id, 'follower', follows_me_since, follows_me_since - interval '1 day', 'between'
    from people
"""
Measured = tuple[float, float]
"""Seconds, and the peak of resident memory in megabytes."""


def seed(url: str, size: int) -> tuple[UUID, UUID]:
    """A user and a profile with so many followers."""
    with psycopg.connect(url) as conn:
        user, profile = uuid4(), uuid4()
        conn.execute(
            "insert into auth.users (id, email, encrypted_password) values (%s, %s, '-')", (user, f"{user}@example.org")
        )
        conn.execute(
            "insert into profiles (id, user_id, platform, username, observed_at)"
            " values (%s, %s, 'instagram', 'bench', now())",
            (profile, user),
        )
        conn.execute(_PEOPLE, {"user": user, "profile": profile, "size": size})
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("vacuum analyze")
    return user, profile


def ours(url: str, user: UUID, profile: UUID, form: Format, folder: Path) -> Measured:
    """The export as the worker writes it."""
    wish = Export(uuid4(), user, profile, What.FOLLOWERS, form, "all")

    async def run() -> float:
        async with pools.worker_pool(url, 1) as pool, pool.connection() as conn:
            began = time.perf_counter()
            with (folder / f"ours.{form}").open("w+b") as file:
                await write(conn, wish, file, lambda *_: None)
            return time.perf_counter() - began

    return asyncio.run(run()), _peak()


def copied(url: str, user: UUID, profile: UUID, folder: Path) -> Measured:
    """The floor of CSV: the same rows as the database writes them itself."""
    statement = sql.SQL("copy ({}) to stdout (format csv, header)").format(TABLES[What.FOLLOWERS].select())
    began = time.perf_counter()
    with (folder / "floor.csv").open("wb") as file, psycopg.connect(url) as conn, conn.cursor() as cursor:
        conn.execute("set work_mem = '64MB'")
        with cursor.copy(statement, {"user_id": user, "profile_id": profile}) as rows:
            for row in rows:
                file.write(row)
    return time.perf_counter() - began, _peak()


def bare(url: str, user: UUID, profile: UUID, folder: Path) -> Measured:
    """The floor of XLSX: openpyxl fed with the same cells from memory, without a thought for what they say."""
    with psycopg.connect(url, row_factory=tuple_row) as conn:
        found = conn.execute(TABLES[What.FOLLOWERS].select(), {"user_id": user, "profile_id": profile}).fetchall()
    rows = [[v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in row] for row in found]
    del found
    began = time.perf_counter()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    for row in rows:
        sheet.append(row)
    book.save(folder / "floor.xlsx")
    return time.perf_counter() - began, _peak()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _alone(work: Callable[..., Measured], *args: object) -> Measured:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *args).result()


def measure(csv_rows: int, xlsx_rows: int) -> dict[str, float | int | str]:
    """One JSON-ready line."""
    with tempfile.TemporaryDirectory(prefix="rb", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with embedded(folder) as url:
            migrate(url)
            worker = roles.allow_login(url, roles.WORKER)
            many, some, few = seed(url, csv_rows), seed(url, xlsx_rows), seed(url, 1000)
            base_csv = _alone(ours, worker, *few, Format.CSV, folder)[1]
            base_xlsx = _alone(ours, worker, *few, Format.XLSX, folder)[1]
            csv, csv_floor = _alone(ours, worker, *many, Format.CSV, folder), _alone(copied, url, *many, folder)
            xlsx, xlsx_floor = _alone(ours, worker, *some, Format.XLSX, folder), _alone(bare, url, *some, folder)
    return {
        "bench": "export",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "columns": len(TABLES[What.FOLLOWERS].columns),
        **_line("csv", csv_rows, csv, csv_floor, base_csv),
        **_line("xlsx", xlsx_rows, xlsx, xlsx_floor, base_xlsx),
    }


def _line(name: str, rows: int, ours: Measured, floor: Measured, base: float) -> dict[str, float | int]:
    """`grown_mb`: how much more memory than the same file of a thousand rows took."""
    return {
        f"{name}_rows": rows,
        f"{name}_seconds": round(ours[0], 2),
        f"{name}_floor_seconds": round(floor[0], 2),
        f"{name}_ratio": round(ours[0] / floor[0], 2),
        f"{name}_peak_mb": round(ours[1], 1),
        f"{name}_grown_mb": round(ours[1] - base, 1),
    }


def main(argv: list[str]) -> int:
    """`python -m bench export [--csv-rows 1000000] [--xlsx-rows 100000]`: one JSON line."""
    parser = argparse.ArgumentParser(prog="bench export")
    parser.add_argument("--csv-rows", type=int, default=1_000_000)
    parser.add_argument("--xlsx-rows", type=int, default=100_000)
    given = parser.parse_args(argv)
    print(json.dumps(measure(given.csv_rows, given.xlsx_rows)), flush=True)
    return 0
