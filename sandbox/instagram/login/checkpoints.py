"""Checkpoints under way: what each asks, which code it sent, what the person's phone said to it."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .account import Account, Via

_DEVICE_COOKIES = ("mid", "ig_did", "datr")
LENGTHS = {Via.EMAIL: 8, Via.SMS: 6, Via.WHATSAPP: 5}
"""How many digits a checkpoint's code has, by its way; seen are 5 to 8."""


class Variant(StrEnum):
    """The question of a checkpoint; PLAIN is one that only the person can answer, in another browser."""

    PLAIN = ""
    CODE_EMAIL = "code_email"
    CODE_SMS = "code_sms"
    CODE_WHATSAPP = "code_whatsapp"
    PICKER = "picker"
    LEGACY = "legacy"
    APPROVAL = "approval"
    CAPTCHA = "captcha"
    SELFIE = "selfie"
    FORCED_CHANGE = "password"


SENT_BY = {Variant.CODE_EMAIL: Via.EMAIL, Variant.CODE_SMS: Via.SMS, Variant.CODE_WHATSAPP: Via.WHATSAPP}
_PLACES = {
    **dict.fromkeys(SENT_BY, "/auth_platform/codeentry/"),
    Variant.PICKER: "/auth_platform/challengepicker/",
    Variant.APPROVAL: "/auth_platform/",
    Variant.CAPTCHA: "/auth_platform/recaptcha/",
}


class Said(StrEnum):
    """The person's answer on the phone."""

    NOTHING = "nothing"
    YES = "yes"
    NO = "no"


@dataclass(slots=True)
class Checkpoint:
    """One login that must be confirmed; it belongs to the device that logged in. ``linger`` is in seconds."""

    variant: Variant
    device: str
    linger: float
    via: Via | None = None
    code: str | None = None
    sent_at: float = 0.0
    passed: bool = False
    said: Said = Said.NOTHING

    def send(self, account: Account, via: Via, at: str) -> None:
        """Send a fresh code, with as many digits as that way has."""
        self.via, self.sent_at = via, time.monotonic()
        self.code = account.send(via, at, LENGTHS[via])

    def takes(self, code: str) -> bool:
        """Whether that is the code; it opens the checkpoint if so."""
        self.passed = self.passed or (self.code is not None and code == self.code)
        return self.passed


@dataclass(slots=True)
class Checkpoints:
    """Every checkpoint by its secret, and the devices that the person has confirmed.

    An approval stays wanted until a device that was confirmed has logged in, so another device starts over.
    """

    cooldown: float = 30.0
    _open: dict[str, Checkpoint] = field(default_factory=dict)
    _confirmed: set[str] = field(default_factory=set)
    _wants_approval: bool = False

    def start(self, variant: Variant, device: str, linger: float) -> str:
        """Return the secret (``apc``, or the nonce of an older address) under which the checkpoint is reached."""
        if variant is Variant.APPROVAL:
            self._wants_approval = True
            self._confirmed.discard(device)
        secret = secrets.token_urlsafe(48)
        self._open[secret] = Checkpoint(variant, device, linger)
        return secret

    def find(self, secret: str, device: str) -> Checkpoint | None:
        """Return the checkpoint of that secret, None for another device than the one that met it."""
        found = self._open.get(secret)
        return found if found is not None and found.device == device else None

    def opened(self, secret: str) -> Checkpoint:
        """Return a checkpoint that was just started."""
        return self._open[secret]

    def wants_approval(self, device: str) -> bool:
        """Whether a login of that device has to be confirmed on the phone first."""
        return self._wants_approval and device not in self._confirmed

    def let_in(self, device: str) -> None:
        """A device logged in; if it was confirmed, nothing more is wanted."""
        self._wants_approval = self._wants_approval and device not in self._confirmed

    def answer(self, said: Said) -> bool:
        """Hear the phone's answer to the newest question; False when nothing was asked."""
        asked = [c for c in self._open.values() if c.variant is Variant.APPROVAL and c.said is Said.NOTHING]
        if not asked:
            return False
        asked[-1].said = said
        if said is Said.YES:
            self._confirmed.add(asked[-1].device)
        return True

    def forget(self) -> None:
        """No device has to be confirmed any more."""
        self._wants_approval = False

    def secrets(self) -> list[str]:
        """Return every secret that was ever given out."""
        return list(self._open)


def device_of(cookies: Mapping[str, str]) -> str:
    """Return what the site knows a device by."""
    return "|".join(cookies.get(name, "") for name in _DEVICE_COOKIES)


def place_of(variant: Variant, user_id: int, secret: str) -> str:
    """Return the path and query of a checkpoint's page."""
    path = _PLACES.get(variant)
    return f"/challenge/{user_id}/{secret}/" if path is None else f"{path}?apc={secret}"


def masked(account: Account, via: Via) -> str:
    """Return the address or number a code goes to, as the site shows it."""
    if via is not Via.EMAIL:
        return f"+** *** *****{account.phone[-2:]}"
    name, _, domain = account.email.partition("@")
    return f"{name[0]}{'*' * 7}{name[-1]}@{domain[0]}{'*' * 3}.{domain.rpartition('.')[2]}"
