"""Streams rows from the database to a file, a few thousand at a time: memory stays flat and the beat goes on."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import BinaryIO, LiteralString, ParamSpec, Protocol, TypeVar

from psycopg import capabilities
from psycopg.rows import TupleRow, tuple_row

from shared.db.pools import WorkerConnection
from shared.files.folder import Files
from worker.exports.columns import Table
from worker.threads import in_thread

CHUNK = 2500
# Rows in one message; older client libraries support only one or all.
_AT_ONCE = 500 if capabilities.has_stream_chunked() else 1
# One snapshot for all statements of the file.
_SETTINGS: tuple[LiteralString, ...] = (
    "set transaction isolation level repeatable read",
    "set local work_mem = '32MB'",
)
P = ParamSpec("P")
R = TypeVar("R")


class Sink(Protocol):
    """Takes rows in the order of the table's columns.

    A sink that `takes_long` is called in a thread, never twice at once. Without it a thread would only add waiting,
    because a chunk takes milliseconds.
    """

    takes_long: bool

    def write(self, rows: Sequence[Sequence[object]]) -> None: ...


class Kept:
    """A sink that keeps the rows, for tables that are small by nature, such as days."""

    takes_long = False

    def __init__(self) -> None:
        self.rows: list[Sequence[object]] = []

    def write(self, rows: Sequence[Sequence[object]]) -> None:
        self.rows.extend(rows)


async def prepare(conn: WorkerConnection) -> None:
    """Begins a transaction for reading large tables; it must run first in it."""
    for setting in _SETTINGS:
        await conn.execute(setting)


async def count(conn: WorkerConnection, table: Table, given: Mapping[str, object]) -> int:
    """The number of rows in the table."""
    row = await (await conn.execute(table.count(), given)).fetchone()
    return 0 if row is None else int(row["number"])


async def stream(
    conn: WorkerConnection, table: Table, given: Mapping[str, object], sink: Sink, on_progress: Callable[[int], None]
) -> int:
    """Sends all rows to the sink and returns their number; `on_progress` gets the number so far, and may raise to stop.

    The database continues while a chunk is written, as far as the connection buffers; a cursor would make it pause, and
    would limit it to one processor.
    """
    written = 0
    async with _rows(conn, table, given) as found:
        rows: list[TupleRow] = []
        async for row in found:
            rows.append(row)
            if len(rows) == CHUNK:
                await _write(sink, rows)
                written += len(rows)
                on_progress(written)
                rows = []
        if rows:
            await _write(sink, rows)
    on_progress(written + len(rows))
    return written + len(rows)


@asynccontextmanager
async def _rows(
    conn: WorkerConnection, table: Table, given: Mapping[str, object]
) -> AsyncIterator[AsyncIterator[TupleRow]]:
    async with conn.cursor(row_factory=tuple_row) as cursor:
        found = cursor.stream(table.select(), given, binary=True, size=_AT_ONCE)
        try:
            yield found
        finally:
            # Closing it tells the database to stop, and reads the rows already on their way.
            if isinstance(found, AsyncGenerator):
                await found.aclose()


async def _write(sink: Sink, rows: Sequence[TupleRow]) -> None:
    if sink.takes_long:
        await in_thread(sink.write, rows)
    else:
        sink.write(rows)


@asynccontextmanager
async def writer(files: Files, path: str) -> AsyncIterator[BinaryIO]:
    """`files.open_writer`, opened and closed off the event loop."""
    opened = files.open_writer(path)
    file = await in_thread(opened.__enter__)
    try:
        yield file
    except BaseException as error:
        await in_thread(opened.__exit__, type(error), error, error.__traceback__)
        raise
    await in_thread(opened.__exit__, None, None, None)
