"""Everything that one running stand-in holds, and the way from a request to it."""

import threading
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask, current_app

from sandbox.faults import Faults
from sandbox.visits import Visits
from sandbox.world.world import World

from .apps import MetaApp
from .hosts import Host
from .oauth.grants import Grants
from .oauth.visit import Visit
from .people import Account, Person

_SITE, _HOST = "meta_site", "meta_host"


@dataclass(slots=True)
class Meta:
    """The people, the app and the site's own memory; its time is that of the first person's world."""

    people: Sequence[Person]
    app: MetaApp = field(default_factory=MetaApp)
    faults: Faults = field(default_factory=Faults)
    requests: Counter[str] = field(default_factory=Counter)
    calls: dict[str, list[datetime]] = field(default_factory=dict)
    """The moments of calls, by the name of the limit under which they fall."""
    visits: Visits[Visit] = field(default_factory=Visits)
    lock: threading.Lock = field(default_factory=threading.Lock)
    grants: Grants = field(init=False)

    def __post_init__(self) -> None:
        accounts = self.accounts()
        if not accounts or len({account.username for account in accounts}) < len(accounts):
            raise ValueError("there is at least one account, and each has a username of its own")
        self.grants = Grants(lambda: self.now)

    @property
    def now(self) -> datetime:
        """The calendar's time."""
        return self.accounts()[0].world.now

    def install(self, app: Flask, host: Host) -> None:
        """Make this the site that ``app`` serves, under one family of hosts."""
        app.extensions |= {_SITE: self, _HOST: host}

    def advance(self, by: timedelta) -> None:
        """Move the calendar of every account's world."""
        worlds: dict[int, World] = {id(account.world): account.world for account in self.accounts()}
        for world in worlds.values():
            world.advance(by)

    def accounts(self) -> list[Account]:
        """Return every Instagram account there is."""
        return list(dict.fromkeys(account for person in self.people for account in person.every_account()))

    def account(self, username: str) -> Account | None:
        """Return the account of that username."""
        return next((account for account in self.accounts() if account.username == username), None)

    def person(self, name: str) -> Person | None:
        """Return the person of that name."""
        return next((person for person in self.people if person.name == name), None)

    def owner(self, account: Account) -> Person:
        """Return the person to whom an account belongs."""
        return next(person for person in self.people if account in person.every_account())


def site() -> Meta:
    """Return the site that serves the present request; RuntimeError outside one."""
    found = current_app.extensions.get(_SITE)
    if not isinstance(found, Meta):
        raise RuntimeError("this app serves no site")
    return found


def host() -> Host:
    """Return the family of hosts to which the present request came."""
    return Host(current_app.extensions[_HOST])


def number_of(identity: str) -> int:
    """Return the number of a picture that belongs to an id."""
    return zlib.crc32(identity.encode())
