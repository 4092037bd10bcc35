"""Makes a history worth looking at: day after day on the sandbox's calendar, each read by the real pipeline."""

import sys
import time

from sandbox.demo.bad_day import Reconnect, live_through
from sandbox.demo.person import Person
from sandbox.demo.truth import World

# So late that what it left on the page is still there to be read.
_BAD_DAY_BEFORE_THE_END = 3


def make(person: Person, world: World, profile: str, days: int, reconnect: Reconnect) -> None:
    """Lets `days` pass one at a time and has each read, one of them a bad one; shows a progress line on stderr."""
    begun = time.monotonic()
    person.sync(profile)
    for day in range(1, days + 1):
        world.advance(days=1)
        if day == days - _BAD_DAY_BEFORE_THE_END:
            live_through(person, world, profile, reconnect)
        else:
            person.sync(profile)
        left = (time.monotonic() - begun) / day * (days - day)
        _show(f"day {day} of {days} · {world.now():%d %b %Y} · about {left:.0f} s left")
    _show(f"{days} days read in {time.monotonic() - begun:.0f} s", end="\n")


def _show(line: str, end: str = "") -> None:
    start = "\r\033[K" if sys.stderr.isatty() else ""
    sys.stderr.write(start + line + (end if sys.stderr.isatty() else "\n"))
    sys.stderr.flush()
