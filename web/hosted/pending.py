"""What a browser waits for after a mail was sent: the address, and the proof that it was this browser that asked."""

from __future__ import annotations

from flask import session

from web.identity import MailSent

_VERIFIERS, _EMAIL = "link_verifiers", "mail_for"


def remember(kind: str, sent: MailSent | None, email: str) -> None:
    """Keeps both in the browser's signed cookie; a later request of the same kind takes the place of an earlier one."""
    session[_EMAIL] = email
    if sent is not None and sent.verifier:
        session[_VERIFIERS] = {**session.get(_VERIFIERS, {}), kind: sent.verifier}


def email() -> str:
    """The address that the last mail went to; empty when there was none."""
    found: str = session.get(_EMAIL, "")
    return found


def verifier(kind: str) -> str:
    """The proof for a link of this kind; empty in another browser."""
    found: str = session.get(_VERIFIERS, {}).get(kind, "")
    return found


def forget(kind: str) -> None:
    """Drops the proof, once it was used."""
    session[_VERIFIERS] = {name: text for name, text in session.get(_VERIFIERS, {}).items() if name != kind}
