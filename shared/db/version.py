"""Checks, for web and worker, that the database has the schema that this version of the code needs."""

from typing import LiteralString

import psycopg
from psycopg import Connection

from shared.db.migrate import available
from shared.db.pools import Row, WorkerConnection

_APPLIED: LiteralString = "select rollcall.is_applied(%s) as applied"
# The function does not exist yet, or this role may not call it: the schema is older than both.
_OLDER = (psycopg.errors.UndefinedFunction, psycopg.errors.InvalidSchemaName, psycopg.errors.InsufficientPrivilege)


def newest() -> str:
    """The version of the last migration in this code."""
    return available()[-1].version


def is_current(conn: Connection[Row], version: str) -> bool:
    """Whether `version` is applied in the database of the web's connection."""
    try:
        return _says(conn.execute(_APPLIED, [version]).fetchone())
    except _OLDER:
        return False


async def is_current_async(conn: WorkerConnection, version: str) -> bool:
    """Whether `version` is applied in the database of the worker's connection."""
    try:
        return _says(await (await conn.execute(_APPLIED, [version])).fetchone())
    except _OLDER:
        return False


def _says(row: Row | None) -> bool:
    return row is not None and bool(row["applied"])
