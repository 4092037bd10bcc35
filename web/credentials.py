"""What may be an e-mail address and a password of Rollcall."""

import re

from shared.domain.addresses import address_fault, clean_address

# Earlier versions took more addresses than mails can be sent to; their accounts go on signing in.
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)+")
SHORTEST = 8
LONGEST_BYTES = 72  # What Supabase Auth can check (bcrypt), so that accounts may move there.


def clean_email(typed: str) -> str | None:
    """Returns the address in lower case for a new account or a change; None when it cannot be one."""
    return clean_address(typed)


def email_fault(typed: str) -> str | None:
    """Returns what is wrong with a new address, in sentences for its field; None when it may be used."""
    return address_fault(typed)


def known_email(typed: str) -> str | None:
    """Returns the address of an account that may be there since before; None when there can be none."""
    email = typed.strip().lower()
    return email if len(email) <= 254 and _EMAIL.fullmatch(email) else None


def password_fault(password: str) -> str | None:
    """What is wrong with a new password, None when it may be used."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters."
    if len(password.encode()) > LONGEST_BYTES:
        return f"Use at most {LONGEST_BYTES} characters (fewer if some are not plain letters)."
    if len(set(password)) < 3:
        return "Use more than one or two different characters."
    return None
