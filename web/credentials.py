"""What may be an e-mail address and a password of Rollcall."""

import re

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@.\x00-\x1f\x7f]+(\.[^\s@.\x00-\x1f\x7f]+)+")
SHORTEST = 8
LONGEST_BYTES = 72  # What Supabase Auth can check (bcrypt), so that accounts may move there.


def clean_email(typed: str) -> str | None:
    """The address without surrounding spaces and in lower case; None when it cannot be one."""
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
