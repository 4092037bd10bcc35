"""Gives answers a constant time, so that a clock cannot reveal who has an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from time import monotonic, sleep


@dataclass(frozen=True, slots=True)
class Evenly:
    """`step` is the time in seconds of an answer; a slower one takes the next whole number of steps."""

    step: float = 0.75
    clock: Callable[[], float] = monotonic
    pause: Callable[[float], None] = sleep

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Waits at the end of the block, also after an error, until whole steps have passed since its begin."""
        began = self.clock()
        try:
            yield
        finally:
            passed = self.clock() - began
            self.pause(max(ceil(passed / self.step), 1) * self.step - passed)
