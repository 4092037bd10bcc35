"""Converts moments of the database into cells in the profile's time zone, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

_KEPT = 20_000
T = TypeVar("T")


class Moments(dict[datetime | None, T], Generic[T]):
    """Moments as `shown` in one time zone, and the cell for None. One reading dates thousands of rows."""

    def __init__(self, zone: ZoneInfo, shown: Callable[[datetime], T], none: T) -> None:
        super().__init__({None: none})
        self._zone, self._shown, self._none = zone, shown, none

    def __missing__(self, moment: datetime | None) -> T:
        if moment is None:
            return self._none
        if len(self) > _KEPT:
            self.clear()
        self[moment] = self._shown(moment.astimezone(self._zone))
        return self[moment]
