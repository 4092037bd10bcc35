"""Writes one file from beginning to end: the same rows as CSV or as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import BinaryIO, LiteralString
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain import periods, zones
from shared.domain.exports import TITLES, Format, What
from shared.errors import NotConnected
from shared.platforms import platform_of
from shared.store.files import exports
from shared.store.files.exports import Export
from shared.store.profiles import profiles
from worker.exports.about import Facts, lines
from worker.exports.columns import Table
from worker.exports.csv_file import CsvFile
from worker.exports.rows import Kept, count, prepare, stream
from worker.exports.tables import TABLES
from worker.exports.workbook import Book
from worker.threads import in_thread

_NOW: LiteralString = "select now() as now"
OnProgress = Callable[[int, int], None]
"""Hears how many rows of how many are written; may raise to stop."""


async def write(conn: WorkerConnection, export: Export, file: BinaryIO, on_progress: OnProgress) -> tuple[Facts, int]:
    """Writes the export in one snapshot of the database and returns its facts and the number of rows.

    Raises NotConnected when the profile is gone.
    """
    await prepare(conn)
    facts = await _facts(conn, export)
    table, given = TABLES[export.what], _given(export.user_id, facts)
    total = await count(conn, table, given)
    on_progress(0, total)
    work = _csv if export.format is Format.CSV else _xlsx
    rows = await work(conn, table, given, file, facts, lambda done: on_progress(done, total))
    return facts, rows


async def _facts(conn: WorkerConnection, export: Export) -> Facts:
    profile = await profiles.load(conn, export.user_id, export.profile_id)
    if profile is None:
        raise NotConnected
    row = await (await conn.execute(_NOW)).fetchone()
    made_at: datetime = row["now"] if row else profile.created_at
    period = periods.period(export.period, profile.observed_at, zones.zone(profile.timezone))
    return Facts(export.what, profile, period, await exports.readings(conn, export.user_id, profile.id), made_at)


def _given(user_id: UUID, facts: Facts) -> dict[str, object]:
    period = facts.period
    return {
        "user_id": user_id,
        "profile_id": facts.profile.id,
        "start": period.start,
        "end": period.end,
        "first_day": period.first_day,
        "last_day": period.last_day,
        "profile_url": platform_of(facts.profile.platform).profile_url,
    }


async def _csv(
    conn: WorkerConnection,
    table: Table,
    given: Mapping[str, object],
    file: BinaryIO,
    facts: Facts,
    on_progress: Callable[[int], None],
) -> int:
    return await stream(conn, table, given, CsvFile(file, table.columns, facts.zone), on_progress)


async def _xlsx(
    conn: WorkerConnection,
    table: Table,
    given: Mapping[str, object],
    file: BinaryIO,
    facts: Facts,
    on_progress: Callable[[int], None],
) -> int:
    book = Book(facts.zone)
    try:
        sheets = book.table(TITLES[facts.what], table.columns)
        await stream(conn, table, given, sheets, on_progress)
        await in_thread(sheets.finish)
        if facts.what is What.DAYS:
            await _add_weeks(conn, table, given, book)
        book.about(lines(facts, sheets.rows, table.columns))
    except BaseException:
        await in_thread(book.discard)
        raise
    await in_thread(book.save, file)
    return sheets.rows


async def _add_weeks(conn: WorkerConnection, table: Table, given: Mapping[str, object], book: Book) -> None:
    kept = Kept()
    await stream(conn, table, given, kept, lambda _: None)
    await in_thread(_weeks, kept, table, book)


def _weeks(kept: Kept, table: Table, book: Book) -> None:
    # pandas is loaded by the first such file, not by every idle worker.
    from worker.exports.weeks import WEEKS, weeks

    sheet = book.table("Weeks", WEEKS)
    sheet.write(weeks(kept.rows, table.columns))
    sheet.finish()
