"""Remembers in the browser the address of the last mail, and the proof that this browser asked for it."""

from __future__ import annotations

from flask import session

from web.auth.identity import MailSent

_VERIFIERS, _EMAIL = "link_verifiers", "mail_for"
_KEPT = 3


def remember(kind: str, sent: MailSent | None, email: str) -> None:
    """Keeps both in the browser's signed cookie; of several requests of a kind the last three count.

    Auth may have sent no mail for the last one, and must not say so, so the valid link may be an earlier one's.
    """
    session[_EMAIL] = email
    if sent is not None and sent.verifier:
        kept = [sent.verifier, *verifiers(kind)][:_KEPT]
        session[_VERIFIERS] = {**session.get(_VERIFIERS, {}), kind: kept}


def email() -> str:
    """The address of the last mail; empty without one."""
    found: str = session.get(_EMAIL, "")
    return found


def verifiers(kind: str) -> list[str]:
    """The proofs for a link of this kind, the newest first; none in another browser."""
    found = session.get(_VERIFIERS, {}).get(kind, [])
    return [found] if isinstance(found, str) else list(found)


def forget(kind: str) -> None:
    """Drops the proof after its use."""
    session[_VERIFIERS] = {name: text for name, text in session.get(_VERIFIERS, {}).items() if name != kind}
