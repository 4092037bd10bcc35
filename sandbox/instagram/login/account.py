"""The account's way in: its password, its second factor, and the phone that receives what is sent."""

import base64
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

import pyotp

from sandbox.world.chance import dice
from sandbox.world.words import HANDLE_WORDS

_BACKUP_CODES = 5


class TwoFactor(StrEnum):
    """The account's second proof."""

    TOTP = "totp"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    NONE = "none"


class Via(StrEnum):
    """The way of a code."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Message:
    """A code that was sent; ``at`` is the calendar's time in ISO form."""

    at: str
    via: str
    code: str


@dataclass(slots=True)
class Account:
    """Credentials and the phone of the one person who can log in."""

    user_id: int
    username: str
    password: str
    two_factor: TwoFactor
    totp_secret: str | None
    backup_codes: list[str]
    phone: str
    email: str
    codes: Random
    whatsapp_is_on: bool = False
    messages: list[Message] = field(default_factory=list)

    @property
    def sms_is_on(self) -> bool:
        """Whether an SMS can be sent; an account with an authenticator has a phone besides."""
        return self.two_factor in (TwoFactor.TOTP, TwoFactor.SMS)

    @property
    def first_message(self) -> Via | None:
        """The way of a login's first code, sent unasked; None where an authenticator makes it."""
        return {TwoFactor.SMS: Via.SMS, TwoFactor.WHATSAPP: Via.WHATSAPP}.get(self.two_factor)

    def sends(self, via: Via) -> bool:
        """Whether a login's second step can send a code that way."""
        return {Via.SMS: self.sms_is_on, Via.WHATSAPP: self.whatsapp_is_on}.get(via, False)

    def send(self, via: Via, at: str, digits: int = 6) -> str:
        """Send a new code, which the phone shows, and return it; the code before it is no longer good."""
        code = f"{self.codes.randrange(10**digits):0{digits}d}"
        self.messages.append(Message(at, via.value, code))
        return code

    def current_totp(self) -> str | None:
        """Return what the authenticator shows now by the real clock, None without one."""
        return pyotp.TOTP(self.totp_secret).now() if self.totp_secret else None

    def accepts_totp(self, code: str) -> bool:
        """Whether the authenticator shows ``code`` now, or showed or will show it within half a minute."""
        return self.totp_secret is not None and pyotp.TOTP(self.totp_secret).verify(code, valid_window=1)

    def spend_backup_code(self, code: str) -> bool:
        """Use up a backup code; False if it is none or was used."""
        if code not in self.backup_codes:
            return False
        self.backup_codes.remove(code)
        return True


def open_account(seed: int, user_id: int, username: str, two_factor: TwoFactor) -> Account:
    """Return the credentials that belong to a seed; the password has characters that a form must encode."""
    rng = dice(seed, "credentials")
    secret = base64.b32encode(rng.randbytes(20)).decode()
    words = rng.sample(HANDLE_WORDS, 2)
    backups = 0 if two_factor is TwoFactor.NONE else _BACKUP_CODES
    return Account(
        user_id=user_id,
        username=username,
        password=f"{words[0].title()}+{words[1]}:{rng.randrange(1000, 10_000)}%é",
        two_factor=two_factor,
        totp_secret=secret if two_factor is TwoFactor.TOTP else None,
        backup_codes=[f"{rng.randrange(10**7, 10**8)}" for _ in range(backups)],
        phone=f"+49 151 555 {rng.randrange(10_000):04d}",
        email=f"{username}@mail.example",
        whatsapp_is_on=two_factor is TwoFactor.WHATSAPP,
        codes=dice(seed, "codes"),
    )
