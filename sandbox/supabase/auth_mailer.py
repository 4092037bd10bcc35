"""The mails that Auth "sends": each with a link, and with the digits for those who type."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from sandbox.supabase.auth_answers import Refusal
from sandbox.supabase.auth_records import Account, Challenge, Mail
from sandbox.supabase.auth_state import AuthState, otp

_PKCE = "pkce_"


def challenge_of(given: dict[str, Any]) -> Challenge | None:
    """PKCE's challenge of the request's body; None for a caller that uses none."""
    text, method = given.get("code_challenge"), given.get("code_challenge_method")
    if not text and not method:
        return None
    if not text or not method:
        said = "PKCE flow requires code_challenge_method and code_challenge"
        raise Refusal(400, "validation_failed", said)
    if str(method).lower() not in ("s256", "plain"):
        raise Refusal(400, "validation_failed", "invalid code_challenge_method")
    if not 43 <= len(str(text)) <= 128:
        raise Refusal(400, "validation_failed", "code challenge has to be between 43 and 128 characters")
    return Challenge(str(text), str(method).lower())


def send(state: AuthState, account: Account, kind: str, to: str, wanted: str, challenge: Challenge | None) -> Mail:
    """Sends a mail of this kind; its link takes the place of earlier ones of the kind to that address."""
    state.counter.mail(kind, to, state.now)
    return send_second(state, account, kind, to, wanted, challenge)


def send_second(
    state: AuthState, account: Account, kind: str, to: str, wanted: str, challenge: Challenge | None
) -> Mail:
    """A mail that goes out together with one that was counted."""
    digits, redirect_to = otp(), state.redirect(wanted)
    hashed = (_PKCE if challenge else "") + hashlib.sha224((to + digits).encode()).hexdigest()
    query = urlencode({"token": hashed, "type": kind, "redirect_to": redirect_to})
    link = f"{state.project.url}/auth/v1/verify?{query}"
    mail = Mail(to, kind, digits, hashed, link, redirect_to, state.now, account.id, challenge)
    state.links = {key: one for key, one in state.links.items() if (one.to, one.kind) != (to, kind)}
    state.links[hashed] = mail
    state.mails.append(mail)
    return mail
