"""The pause between two questions is never shorter than set, nor longer than setting and chance make it."""

import asyncio
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from worker.gate import Pace

SECONDS = st.floats(0, 60)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept = 0.0

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.now += seconds


@given(SECONDS, SECONDS, st.floats(0, 1, exclude_max=True), st.floats(0, 120))
def test_two_questions_are_as_far_apart_as_set(least: float, jitter: float, chance: float, spent: float) -> None:
    clock = Clock()
    pace = Pace(
        timedelta(seconds=least),
        timedelta(seconds=jitter),
        sleep=clock.sleep,
        clock=lambda: clock.now,
        chance=lambda: chance,
    )

    async def ask_twice() -> float:
        await pace.turn()
        assert clock.slept == 0
        first = clock.now
        clock.now += spent
        await pace.turn()
        return clock.now - first

    apart = asyncio.run(ask_twice())
    assert apart >= least + jitter * chance - 1e-3
    assert apart <= max(spent, least + jitter) + 1e-3


def test_without_a_pace_nothing_is_waited_for() -> None:
    clock = Clock()
    pace = Pace(timedelta(0), timedelta(0), sleep=clock.sleep, clock=lambda: clock.now)

    async def ask() -> None:
        for _ in range(3):
            await pace.turn()

    asyncio.run(ask())
    assert clock.slept == 0
