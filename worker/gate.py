"""The gate in front of the platform: the pause between two requests of one job."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from worker.jobs.base import JobContext
from worker.platforms.base import Gate, OpenGate
from worker.services import Services


class Pace:
    """The pause between two questions: at least `least`, and a random part of `jitter` more."""

    def __init__(
        self,
        least: timedelta,
        jitter: timedelta,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._least, self._jitter = least.total_seconds(), jitter.total_seconds()
        self._sleep, self._clock, self._chance = sleep, clock, chance
        self._last: float | None = None
        self.is_off = not self._least and not self._jitter

    async def turn(self) -> None:
        """Returns when the next question may be asked; the first one at once."""
        if self._last is not None and not self.is_off:
            pause = self._last + self._least + self._jitter * self._chance() - self._clock()
            if pause > 0:
                await self._sleep(pause)
        self._last = self._clock()


def gate(ctx: JobContext, services: Services) -> Gate:
    """What this job's requests pass."""
    settings = services.settings
    if not settings.pace and not settings.pace_jitter:
        return OpenGate()
    return Pace(settings.pace, settings.pace_jitter)
