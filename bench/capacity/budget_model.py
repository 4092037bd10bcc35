"""One profile's request budget in memory: the arithmetic of `rollcall.take_turn` and `worker.rate_limiter`.

A virtual day of a hundred thousand profiles is some twenty million requests, too many to ask the database for each.
tests/bench/test_fleet.py holds this against the database's function, turn by turn. Times are seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from shared.domain.plan import Limits

_DAY = 86_400.0
_LONGEST_SLEEP = 60.0


class Turn(NamedTuple):
    """As the store's: granted for `until`, or refused until then."""

    granted: bool
    until: float
    day_over: bool


class Read(NamedTuple):
    """The result of one attempt: it `ended`, made `requests`, and waits until `until` (None: it is done)."""

    ended: float
    requests: int
    until: float | None
    day_over: bool = False


@dataclass(slots=True)
class BudgetModel:
    """A profile's spent requests. `day_ends` in the past means that its day begins with its next request."""

    day_ends: float = float("-inf")
    day_spent: int = 0
    window_ends: float = float("-inf")
    window_spent: int = 0
    next_at: float = float("-inf")

    def take(self, clock: float, pause: float, within: Limits, kept: int = 0) -> Turn:
        """The next request; `kept` requests of the day stay untouched."""
        slot = max(clock, self.next_at)
        span = within.window.length.total_seconds()
        if self.day_ends <= slot:
            self.day_ends, self.day_spent = slot + _DAY, 0
        if self.window_ends <= slot:
            self.window_ends, self.window_spent = slot + span, 0
        self.day_ends, self.window_ends = min(self.day_ends, slot + _DAY), min(self.window_ends, slot + span)
        if 0 < within.per_day <= self.day_spent + kept:
            return Turn(False, self.day_ends, True)
        if 0 < within.per_window <= self.window_spent:
            return Turn(False, self.window_ends, False)
        self.day_spent += 1
        self.window_spent += 1
        self.next_at = slot + pause
        return Turn(True, slot, False)

    def left(self, clock: float, per_day: int) -> int:
        """The number of requests left today."""
        return per_day - (self.day_spent if self.day_ends > clock else 0)

    def read(self, clock: float, wanted: int, within: Limits, kept: int, chance: Callable[[], float]) -> Read:
        """Makes up to `wanted` requests from `clock` on, as a job does: a longer wait releases its place."""
        pace, jitter = within.pace.total_seconds(), within.jitter.total_seconds()
        made = 0
        while made < wanted:
            turn = self.take(clock, pace + jitter * chance(), within, kept)
            if not turn.granted and turn.until - clock > _LONGEST_SLEEP:
                return Read(clock, made, turn.until, turn.day_over)
            clock = turn.until
            made += turn.granted
        return Read(clock, made, None)
