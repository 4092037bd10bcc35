"""The demo's history has its events at every hour at which a person may start it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from sandbox.demo import history
from sandbox.demo.bad_day import TROUBLES
from sandbox.demo.person import Person
from sandbox.demo.truth import World
from sandbox.world import world as living

DAYS, FOLLOWERS, POSTS = 11, 500, 1


class _Calendar:
    """The world as the demo steers it, without a server between."""

    def __init__(self, hour: int) -> None:
        start = datetime(2026, 11, 18, hour, tzinfo=UTC)
        self.world = living.World(living.WorldConfig(followers=FOLLOWERS, following=60, posts=POSTS, start=start))

    def now(self) -> datetime:
        return self.world.now

    def advance(self, days: int) -> None:
        self.world.advance(timedelta(days=days))

    def steer(self, leave: int = 0, rename: int = 0, again: int = 0) -> None:
        self.world.steer(leave=leave, rename=rename, again=again)

    def fault(self, fault: Mapping[str, object]) -> None: ...

    def clear_faults(self) -> None: ...


class _Reader:
    """Reads the followers at each sync, as Rollcall does; a loss counts once a later sync has not seen the person."""

    def __init__(self, world: living.World) -> None:
        self._world, self._syncs = world, 0
        self._seen: set[int] = set(world.population.followers.members)
        self._names: dict[int, str] = {}
        self._missing: dict[int, int] = {}
        self.lost: set[int] = set()
        self.returned: set[int] = set()
        self.renamed: set[int] = set()

    def sync(self, profile: str) -> None:
        self._syncs += 1
        now = set(self._world.population.followers.members)
        names = {pk: self._world.population.people[pk].username for pk in now}
        self.renamed |= {pk for pk, name in names.items() if self._names.get(pk, name) != name}
        self._names |= names
        self.returned |= (now - self._seen) & self.lost
        self._missing = {pk: self._missing.get(pk, self._syncs) for pk in {*self._missing, *self._seen} - now}
        self.lost |= {pk for pk, since in self._missing.items() if since < self._syncs}
        self._seen = now

    def sync_in_vain(self, profile: str) -> None: ...

    def quiet(self, profile: str) -> None: ...

    def read_likers(self, profile: str) -> None: ...

    def notices(self, profile: str) -> dict[str, str]:
        return {trouble.notice: "explained" for trouble in TROUBLES}


@pytest.mark.parametrize("hour", range(24))
def test_someone_leaves_returns_and_is_renamed_at_every_hour(hour: int) -> None:
    assert history.large_enough(DAYS, FOLLOWERS, POSTS)
    calendar = _Calendar(hour)
    reader = _Reader(calendar.world)
    person, world = cast(Person, reader), cast(World, calendar)
    history.make(person, world, "profile", DAYS, lambda: None, eventful=True)
    assert reader.lost
    assert reader.returned
    assert reader.renamed


@pytest.mark.parametrize("days", [1, DAYS])
def test_a_small_world_is_left_to_chance(days: int) -> None:
    start: dict[str, Any] = {"followers": 0, "following": 0, "posts": 0}
    calendar = _Calendar(0)
    calendar.world = living.World(living.WorldConfig(**start))
    reader = _Reader(calendar.world)
    history.make(
        cast(Person, reader), cast(World, calendar), "profile", days, lambda: None,
        eventful=history.large_enough(days, followers=0, posts=0),
    )  # fmt: skip
    assert calendar.world.now == calendar.world.start + timedelta(days=days)
