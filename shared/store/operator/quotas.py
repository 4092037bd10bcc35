"""The operator's view of the app's quotas: what is used today, what an account costs, how many more fit.

It needs the web's own role.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import LiteralString

from psycopg.rows import class_row

from shared.db.pools import WebConnection

_QUOTAS: LiteralString = "select * from rollcall.operator_quotas()"
# The rest of a day's quota is kept for what people start themselves.
_FOR_SCHEDULES = 0.9


@dataclass(frozen=True, slots=True)
class QuotaUse:
    """A quota on its newest `day`: calls and units of all accounts together.

    `day_limit` is None where none is known. `usual` is the number of units that an account used on a day of the week
    before, None without one.
    """

    quota: str
    day: date
    calls: int
    units: int
    day_limit: int | None
    spent_until: datetime | None
    connections: int
    usual: float | None

    @property
    def remaining(self) -> int | None:
        """The units of the day that are left; None without a limit."""
        return None if self.day_limit is None else max(self.day_limit - self.units, 0)

    @property
    def fits(self) -> int | None:
        """The number of accounts whose scheduled syncs fit into a day; None where that cannot be known."""
        return None if self.day_limit is None or not self.usual else int(self.day_limit * _FOR_SCHEDULES / self.usual)

    @property
    def more(self) -> int | None:
        """The number of further accounts that fit; None where that cannot be known."""
        return None if self.fits is None else max(self.fits - self.connections, 0)


def quotas(conn: WebConnection) -> list[QuotaUse]:
    """Each quota, by name."""
    with conn.cursor(row_factory=class_row(QuotaUse)) as cursor:
        return cursor.execute(_QUOTAS).fetchall()
