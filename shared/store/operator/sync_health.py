"""The ends of the jobs of each platform, and the number of accounts, for health checks. Needs the web's own role."""

from __future__ import annotations

from datetime import timedelta
from typing import LiteralString

from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.domain.sync_health import PlatformHealth

_HEALTH: LiteralString = "select platform, completed, failed, last_success from rollcall.sync_health(%s)"


def read(conn: WebConnection, span: timedelta) -> list[PlatformHealth]:
    """The jobs that ended in this time until now, by platform; each platform that has a profile is there."""
    with conn.cursor(row_factory=class_row(PlatformHealth)) as cursor:
        return cursor.execute(_HEALTH, [span]).fetchall()


def account_count(conn: WebConnection) -> int:
    """The number of accounts, without those that are being deleted."""
    row = conn.execute("select rollcall.account_count() as number").fetchone()
    return 0 if row is None else int(row["number"])
