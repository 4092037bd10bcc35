"""Makes a history worth seeing: day after day on the sandbox's calendar, each synced by the real pipeline.

The days before the last ones are synced only every few days, so that the pages are ready soon. The required events are
checked at the end: a partial list, losses, a return, a rename, likers, and an alert that explains itself.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from sandbox.demo.bad_day import Reconnect, live_through
from sandbox.demo.person import DemoFailed, Person
from sandbox.demo.truth import World

_DAILY = 10
_SPARSE = 5
_LARGE = 500
# So late that what it left on the page is still there to be read.
_BAD_DAY_BEFORE_THE_END = 3
# Those who leave at the beginning have been gone for long when one of them comes back.
_LEAVE = 3
_CHANGED_LIST: dict[str, object] = {"kind": "route_gone", "variant": "rest", "times": 1000}


def make(person: Person, world: World, profile: str, days: int, reconnect: Reconnect, *, eventful: bool) -> None:
    """Lets `days` pass and syncs them, one of them a bad one, and shows a progress line on stderr.

    `eventful`: people leave, come back and are renamed in any case, whatever chance brings at this hour of the day.
    Raises DemoFailed where a step fails.
    """
    begun = time.monotonic()
    person.sync(profile)
    if eventful:
        world.steer(leave=_LEAVE)
    for day, ahead in _visits(days):
        world.advance(days=ahead)
        if eventful and day == days - 1:
            world.steer(again=1, rename=1)
        if day == days - _BAD_DAY_BEFORE_THE_END:
            live_through(person, world, profile, reconnect)
        elif day == days:
            _last_sync(person, world, profile)
        else:
            person.sync(profile)
        left = (time.monotonic() - begun) / day * (days - day)
        _show(f"day {day} of {days} · {world.now():%d %b %Y} · about {left:.0f} s left")
    _show(f"{days} days of history in {time.monotonic() - begun:.0f} s", end="\n")


def large_enough(days: int, followers: int, posts: int) -> bool:
    """Whether a world of this size must contain everything that the demo shows."""
    return days > _DAILY and followers >= _LARGE and posts > 0


def require_all(person: Person, profile: str) -> None:
    """Raises DemoFailed unless the pages show everything that the demo promises."""
    shown = {
        "losses": bool(person.rows(profile, "lost")),
        "a rename": bool(person.rows(profile, "renamed")),
        "a return": person.shows(
            f"/profiles/{profile}/followers?kind=new&period=all", "[data-testid=person][data-returned]"
        ),
        "a partial list": person.shows(f"/profiles/{profile}?period=all", "[data-partial]"),
        "an alert": person.shows(f"/profiles/{profile}", "[data-alert=endpoint_changed]"),
        "likers": person.shows(f"/profiles/{profile}/content?period=all", "[data-testid=likers]"),
    }
    missing = [name for name, is_there in shown.items() if not is_there]
    if missing:
        raise DemoFailed(f"the history lacks {', '.join(missing)}")


def _visits(days: int) -> Iterator[tuple[int, int]]:
    """(day, days since the visit before): every few days, then daily towards the end."""
    day = 0
    while day < days:
        ahead = 1 if days - day <= _DAILY else min(_SPARSE, days - _DAILY - day)
        day += ahead
        yield day, ahead


def _last_sync(person: Person, world: World, profile: str) -> None:
    """The list stops being served in its usual way: it is read another way, and an alert says so."""
    person.quiet(profile)
    world.fault(_CHANGED_LIST)
    person.sync(profile)
    person.quiet(profile)
    world.clear_faults()
    person.read_likers(profile)


def _show(line: str, end: str = "") -> None:
    start = "\r\033[K" if sys.stderr.isatty() else ""
    sys.stderr.write(start + line + (end if sys.stderr.isatty() else "\n"))
    sys.stderr.flush()
