"""Validates e-mail addresses: mail can be sent to them, and Supabase Auth accepts them as well."""

from __future__ import annotations

import email_validator
from email_validator import EmailNotValidError, validate_email

from shared.messages import Message

EXAMPLE = Message("This is not an e-mail address, such as name@example.org.")
_NOT_PLAIN = Message(
    "Only plain letters (a to z), digits and signs can be used; write such a domain as it begins with xn--."
)
# Mail servers at home and in tests have these names; the library means its list to be changed.
for _name in ("local", "test"):
    if _name in email_validator.SPECIAL_USE_DOMAIN_NAMES:
        email_validator.SPECIAL_USE_DOMAIN_NAMES.remove(_name)


def clean_address(typed: str) -> str | None:
    """Returns the address without surrounding spaces and in lower case; None when it cannot be one."""
    address = typed.strip().lower()
    return None if address_fault(typed) else address


def address_fault(typed: str) -> str | None:
    """Returns the fault of an address, in sentences for the person who typed it; None when it may be used.

    Nothing is looked up: a valid address need not exist.
    """
    address = typed.strip().lower()
    if not address.isascii():
        return Message("%(what)s %(why)s", what=EXAMPLE, why=_NOT_PLAIN)
    try:
        validate_email(address, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError as error:
        return Message("%(what)s %(why)s", what=EXAMPLE, why=str(error)) if address else EXAMPLE
    return None
