"""Everything that one running stand-in holds, and the way from a request to it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from flask import Flask, current_app

from sandbox.faults import Faults
from sandbox.world.world import World

from .faults import FaultKind, Where
from .login.account import Account
from .login.checkpoints import SENT_BY, Checkpoints, Variant, place_of
from .sessions import Challenges, Sessions

_EXTENSION = "instagram_site"


class LoginForm(StrEnum):
    """Which of the login forms seen in the wild is shown."""

    CLASSIC = "classic"
    RENAMED = "renamed"
    NAMELESS = "nameless"


class KnownDevice(StrEnum):
    """The page for a device that logged in before, instead of the form: one click, then perhaps the password."""

    NONE = "none"
    DIRECT = "direct"
    CONFIRMED = "confirmed"
    OTHER = "other"


class TwoStep(StrEnum):
    """Which of the two-factor pages is served."""

    LEGACY = "legacy"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True, slots=True)
class Door:
    """The site's rules for logins; ``resend_seconds`` pass between two messages of one login."""

    known_device: KnownDevice = KnownDevice.NONE
    two_step: TwoStep = TwoStep.LEGACY
    no_ds_user_id: bool = False
    resend_seconds: int = 60


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
    by_minute: Counter[str] = field(default_factory=Counter)
    passes: Counter[str] = field(default_factory=Counter)
    hidden: dict[str, frozenset[int]] = field(default_factory=dict)
    door: Door = field(default_factory=Door)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)

    def install(self, app: Flask) -> None:
        """Make this the site that ``app`` serves."""
        app.extensions[_EXTENSION] = self

    @property
    def now(self) -> datetime:
        """The calendar's time."""
        return self.world.now

    def advance(self, by: timedelta) -> None:
        """Move the calendar and live what passes."""
        self.world.advance(by)

    def checkpoint(self, where: Where, device: str) -> str | None:
        """Return the address where a device must answer first, None when nothing stands in its way."""
        fault = self.faults.take(FaultKind.CHECKPOINT, where)
        if fault:
            variant, linger = Variant(fault.variant), fault.ms / 1000
        elif where is Where.LOGIN and self.checkpoints.wants_approval(device):
            variant, linger = Variant.APPROVAL, 0.0
        else:
            return None
        secret = self.checkpoints.start(variant, device, linger)
        if variant in SENT_BY:
            self.checkpoints.opened(secret).send(self.account, SENT_BY[variant], self.calendar_iso())
        return place_of(variant, self.account.user_id, secret)

    def calendar_iso(self) -> str:
        """Return the calendar's time in ISO form, UTC."""
        return self.world.now.isoformat()


def site() -> Site:
    """Return the site that serves the present request; RuntimeError outside one."""
    found = current_app.extensions.get(_EXTENSION)
    if not isinstance(found, Site):
        raise RuntimeError("this app serves no site")
    return found
