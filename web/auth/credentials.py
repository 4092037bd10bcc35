"""Validates e-mail addresses and passwords."""

from __future__ import annotations

import re

from shared.domain.input.email_addresses import address_fault, clean_address
from shared.messages import Message
from shared.platforms import PLATFORMS
from web.translation import _, translate

# Earlier versions accepted addresses that cannot receive mail; their accounts may still sign in.
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)+")
SHORTEST = 8
_LONG_NAME = 4
_LEAST_SCORE = 2  # zxcvbn: more than a million tries.
_COMMON = Message("Many people use this password, or one like it. Take a few words that do not belong together.")
LONGEST_BYTES = 72  # The limit of Supabase Auth (bcrypt), so that accounts may move there.


def clean_email(typed: str) -> str | None:
    """Returns the address in lower case for a new account or a change; None when it cannot be one."""
    return clean_address(typed)


def email_fault(typed: str) -> str | None:
    """Returns the fault of a new address, in sentences for its field; None when it may be used."""
    fault = address_fault(typed)
    return None if fault is None else translate(fault)


def known_email(typed: str) -> str | None:
    """Returns the address of an account that may exist from earlier versions; None when there can be none."""
    email = typed.strip().lower()
    return email if len(email) <= 254 and _EMAIL.fullmatch(email) else None


def password_fault(password: str, email: str = "") -> str | None:
    """The fault of a new password for the account with this address; None when it may be used."""
    if len(password) < SHORTEST:
        return _("Use at least %(number)s characters.", number=SHORTEST)
    if len(password.encode()) > LONGEST_BYTES:
        return _("Use at most %(number)s characters (fewer if some are not plain letters).", number=LONGEST_BYTES)
    if len(set(password)) < 3:
        return _("Use more than one or two different characters.")
    own = email.partition("@")[0].casefold()
    if len(own) >= _LONG_NAME and own in password.casefold():
        return _("Leave the name of your e-mail address out of it.")
    return _(_COMMON) if _is_common(password, email) else None


def _is_common(password: str, email: str) -> bool:
    """Whether a list of the commonest passwords and patterns finds it within a million tries."""
    # The library's lists of words are large, and only a new password needs them.
    from zxcvbn import zxcvbn

    known = ["rollcall", *PLATFORMS, email, *re.split(r"[@._+-]+", email)]
    return int(zxcvbn(password, [word for word in known if word])["score"]) < _LEAST_SCORE
