"""Everything that one running stand-in holds, and the way from a request to it."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from flask import Flask, current_app

from sandbox.world.world import World

from .account import Account
from .faults import Faults
from .sessions import Challenges, Sessions

_EXTENSION = "instagram_site"


class LoginForm(StrEnum):
    """Which of the login forms seen in the wild is shown."""

    CLASSIC = "classic"
    RENAMED = "renamed"
    NAMELESS = "nameless"


@dataclass(slots=True)
class Site:
    """The world, the account's credentials and the site's own memory."""

    world: World
    account: Account
    login_form: LoginForm
    sessions: Sessions = field(default_factory=Sessions)
    challenges: Challenges = field(default_factory=Challenges)
    faults: Faults = field(default_factory=Faults)
    requests: Counter[str] = field(default_factory=Counter)

    def install(self, app: Flask) -> None:
        """Make this the site that ``app`` serves."""
        app.extensions[_EXTENSION] = self

    def calendar_iso(self) -> str:
        """Return the calendar's time in ISO form, UTC."""
        return self.world.now.isoformat()


def site() -> Site:
    """Return the site that serves the present request; RuntimeError outside one."""
    found = current_app.extensions.get(_EXTENSION)
    if not isinstance(found, Site):
        raise RuntimeError("this app serves no site")
    return found
