"""Writing followers as CSV and XLSX, beside their floors: COPY … TO STDOUT into a file, and a bare openpyxl loop.

Ours is the whole of an export but its job: one snapshot, the join that says since when, escaping, the file. Each figure
comes from a process of its own, so that its peak of memory is its own; all read one embedded PostgreSQL.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import psycopg
from openpyxl import Workbook
from psycopg import sql
from psycopg.rows import tuple_row

from shared.db import roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.domain.exports import Format, What
from shared.platforms.instagram import INSTAGRAM
from tests.rig.follower_file import Measured, ours, peak, seed
from worker.exports.tables import TABLES


def _given(user: UUID, profile: UUID) -> dict[str, object]:
    return {"user_id": user, "profile_id": profile, "profile_url": INSTAGRAM.profile_url}


def copied(url: str, user: UUID, profile: UUID, folder: Path) -> Measured:
    """The floor of CSV: the same rows as the database writes them itself."""
    statement = sql.SQL("copy ({}) to stdout (format csv, header)").format(TABLES[What.FOLLOWERS].select())
    began = time.perf_counter()
    with (folder / "floor.csv").open("wb") as file, psycopg.connect(url) as conn, conn.cursor() as cursor:
        conn.execute("set work_mem = '64MB'")
        with cursor.copy(statement, _given(user, profile)) as rows:
            for row in rows:
                file.write(row)
    return time.perf_counter() - began, peak()


def bare(url: str, user: UUID, profile: UUID, folder: Path) -> Measured:
    """The floor of XLSX: openpyxl fed with the same cells from memory, without a thought for what they say."""
    with psycopg.connect(url, row_factory=tuple_row) as conn:
        found = conn.execute(TABLES[What.FOLLOWERS].select(), _given(user, profile)).fetchall()
    rows = [[v.replace(tzinfo=None) if isinstance(v, datetime) else v for v in row] for row in found]
    del found
    began = time.perf_counter()
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    for row in rows:
        sheet.append(row)
    book.save(folder / "floor.xlsx")
    return time.perf_counter() - began, peak()


def _alone(work: Callable[..., Measured], *args: object) -> Measured:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *args).result()


def measure(csv_rows: int, xlsx_rows: int) -> dict[str, float | int | str]:
    """One JSON-ready line."""
    with tempfile.TemporaryDirectory(prefix="rb", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with embedded_database(folder) as url:
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
