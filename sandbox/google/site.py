"""Everything that one running stand-in holds, and the way from a request to it."""

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flask import Flask, current_app

from sandbox.faults import Faults
from sandbox.visits import Visits
from sandbox.world.channel.channel import Channel
from sandbox.world.channel.days import day_of
from sandbox.world.world import World

from .oauth.clients import Client
from .oauth.grants import Grants
from .oauth.visits import Visit
from .people import Account

_EXTENSION = "google_site"


@dataclass(slots=True)
class Google:
    """The people, the clients and the site's own memory; its time is that of the first person's world."""

    accounts: Sequence[Account]
    clients: Sequence[Client]
    faults: Faults = field(default_factory=Faults)
    requests: Counter[str] = field(default_factory=Counter)
    spent: Counter[str] = field(default_factory=Counter)
    """Units and reports by project, API and Pacific day."""
    grants: Grants = field(init=False)
    visits: Visits[Visit] = field(init=False)

    def __post_init__(self) -> None:
        if not self.accounts or len({account.email for account in self.accounts}) < len(self.accounts):
            raise ValueError("there is at least one person, and each has an address of their own")
        ids = [channel.id for channel in self.channels()]
        if len(set(ids)) < len(ids):
            raise ValueError("two channels share an id; give them numbers or worlds of their own")
        self.grants, self.visits = Grants(lambda: self.now), Visits()

    @property
    def now(self) -> datetime:
        """The calendar's time."""
        return self.accounts[0].world.now

    @property
    def client(self) -> Client:
        """The first client."""
        return self.clients[0]

    def install(self, app: Flask) -> None:
        """Make this the site that ``app`` serves."""
        app.extensions[_EXTENSION] = self

    def advance(self, by: timedelta) -> None:
        """Move the calendar of every person's world."""
        worlds: dict[int, World] = {id(account.world): account.world for account in self.accounts}
        for world in worlds.values():
            world.advance(by)

    def client_named(self, identity: str) -> Client | None:
        """Return the client of that id."""
        return next((client for client in self.clients if client.id == identity), None)

    def account(self, email: str) -> Account | None:
        """Return the person of that address."""
        return next((account for account in self.accounts if account.email == email), None)

    def channels(self) -> list[Channel]:
        """Return every channel there is."""
        return [channel for account in self.accounts for channel in account.channels]

    def tally(self, project: str, api: str) -> str:
        """Return the name under which today's calls of a project are counted."""
        return f"{project}/{api}/{day_of(self.now)}"


def site() -> Google:
    """Return the site that serves the present request; RuntimeError outside one."""
    found = current_app.extensions.get(_EXTENSION)
    if not isinstance(found, Google):
        raise RuntimeError("this app serves no site")
    return found


def number_of(identity: str) -> int:
    """Return the number of a picture that belongs to an id."""
    return zlib.crc32(identity.encode())
