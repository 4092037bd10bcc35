"""Everything that one running stand-in holds, and the way from a request to it."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask, current_app

from sandbox.faults import Faults
from sandbox.visits import Visits
from sandbox.world.world import World

from .keys import TikTokApp
from .oauth.grants import Grants
from .oauth.visit import Visit
from .people import Person

_EXTENSION = "tiktok_site"


@dataclass(slots=True)
class TikTok:
    """The people, the app and the site's own memory; its time is that of the first person's world."""

    people: Sequence[Person]
    app: TikTokApp = field(default_factory=TikTokApp)
    faults: Faults = field(default_factory=Faults)
    requests: Counter[str] = field(default_factory=Counter)
    calls: dict[str, list[datetime]] = field(default_factory=dict)
    """The moments of calls, by the route whose limit they fall under."""
    visits: Visits[Visit] = field(default_factory=Visits)
    grants: Grants = field(init=False)

    def __post_init__(self) -> None:
        if not self.people or len({person.username for person in self.people}) < len(self.people):
            raise ValueError("there is at least one person, and each has a username of their own")
        self.grants = Grants(lambda: self.now, self.app)

    @property
    def now(self) -> datetime:
        """The calendar's time."""
        return self.people[0].profile.now

    def install(self, app: Flask) -> None:
        """Make this the site that ``app`` serves."""
        app.extensions[_EXTENSION] = self

    def advance(self, by: timedelta) -> None:
        """Move the calendar of every person's world."""
        worlds: dict[int, World] = {id(person.profile.world): person.profile.world for person in self.people}
        for world in worlds.values():
            world.advance(by)

    def person(self, username: str) -> Person | None:
        """Return the person of that username."""
        return next((person for person in self.people if person.username == username), None)


def site() -> TikTok:
    """Return the site that serves the present request; RuntimeError outside one."""
    found = current_app.extensions.get(_EXTENSION)
    if not isinstance(found, TikTok):
        raise RuntimeError("this app serves no site")
    return found


def number_of(identity: str) -> int:
    """Return the number of a picture that belongs to an id."""
    return zlib.crc32(identity.encode())
