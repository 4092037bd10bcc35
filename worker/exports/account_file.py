"""Writes all of a user's data as one ZIP, a few thousand rows at a time, in one snapshot of the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import IO, BinaryIO, LiteralString
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from psycopg import sql
from psycopg.rows import TupleRow, tuple_row

from shared.db.pools import WorkerConnection
from worker.exports.account_tables import TABLES, readme
from worker.exports.rows import CHUNK, prepare
from worker.threads import in_thread

_ACCOUNT: LiteralString = "select to_jsonb(a)::text from rollcall.account_of(%(user_id)s) a"
_NOW: LiteralString = "select now() as now"
OnProgress = Callable[[int], None]
"""Hears how many rows are written; may raise to stop."""


async def write(conn: WorkerConnection, user_id: UUID, file: BinaryIO, on_progress: OnProgress) -> int:
    """Writes the ZIP and returns the number of rows; it must run first in its transaction."""
    await prepare(conn)
    row = await (await conn.execute(_NOW)).fetchone()
    made_at: datetime = row["now"] if row else datetime.now(UTC)
    rows: dict[str, int] = {}
    total = 0
    with ZipFile(file, "w") as archive:
        total += await _member(
            conn, _opened(archive, "account", made_at), sql.SQL(_ACCOUNT).format(), {"user_id": user_id}, on_progress
        )
        for table in TABLES:
            given = {"user_id": user_id, "without": list(table.without)}
            before = total

            def counted(done: int, before: int = before) -> None:
                on_progress(before + done)

            rows[table.name] = await _member(
                conn, _opened(archive, table.name, made_at), table.select(), given, counted
            )
            total += rows[table.name]
        with _opened(archive, "README", made_at, "txt") as member:
            member.write(readme(rows, made_at.isoformat(timespec="seconds")).encode())
    return total


async def _member(
    conn: WorkerConnection,
    opened: IO[bytes],
    query: sql.Composed,
    given: Mapping[str, object],
    on_progress: OnProgress,
) -> int:
    written = 0
    with opened as member:
        async with _lines(conn, query, given) as lines:
            chunk: list[str] = []
            async for (line,) in lines:
                chunk.append(line)
                if len(chunk) == CHUNK:
                    await in_thread(member.write, _joined(chunk))
                    written += len(chunk)
                    chunk = []
                    on_progress(written)
        await in_thread(member.write, _joined(chunk))
    on_progress(written + len(chunk))
    return written + len(chunk)


@asynccontextmanager
async def _lines(
    conn: WorkerConnection, query: sql.Composed, given: Mapping[str, object]
) -> AsyncIterator[AsyncIterator[TupleRow]]:
    # A server-side cursor: rows wait there while a chunk is compressed, not in this process.
    async with conn.cursor(name="account", row_factory=tuple_row) as cursor:
        cursor.itersize = CHUNK
        await cursor.execute(query, given)
        yield cursor


def _opened(archive: ZipFile, name: str, made_at: datetime, ending: str = "jsonl") -> IO[bytes]:
    info = ZipInfo(f"{name}.{ending}", made_at.timetuple()[:6])
    info.compress_type = ZIP_DEFLATED
    return archive.open(info, "w", force_zip64=True)


def _joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
