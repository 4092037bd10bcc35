"""Numbers about the whole installation, without any user's data. Needs the web's own role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import LiteralString

from psycopg.rows import class_row

from shared.db.pools import WebConnection

_READ: LiteralString = "select measure, label, state, value from rollcall.prometheus_metrics()"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number: `jobs`, `oldest` (seconds), `due`, `lost` of a kind; `budget` of a level; `cooling` of a reason."""

    measure: str
    label: str
    state: str | None
    value: float


def read(conn: WebConnection) -> list[Measure]:
    """All numbers, in one statement."""
    with conn.cursor(row_factory=class_row(Measure)) as cursor:
        return cursor.execute(_READ).fetchall()
