"""Asks an unconfirmed address whether it wants mails; it receives no other mail before."""

from __future__ import annotations

import secrets
from datetime import timedelta

from shared import logs
from shared.messages import Translate
from shared.settings import Settings
from shared.store.users import email_confirmations as confirmations
from shared.store.users.email_confirmations import Asked
from worker.notify.base import Letter, MailFailed, MailUnsure, Sender
from worker.services import Pool

_BATCH = 20
_MOST_ATTEMPTS = 5
_FIRST_PAUSE = timedelta(minutes=1)
_log = logs.get("worker.notify.confirm")


def site_of(settings: Settings) -> str:
    """The site's address, with which the link begins."""
    return settings.public_url or f"http://{settings.host}:{settings.port}"


async def ask_due(pool: Pool, sender: Sender, site: str) -> int:
    """Sends the due links and returns their number; any number of workers may do so."""
    async with pool.connection() as conn:
        claimed = await confirmations.claim(conn, _BATCH)
    return sum([await _ask(pool, sender, asked, site) for asked in claimed])


async def _ask(pool: Pool, sender: Sender, asked: Asked, site: str) -> bool:
    token = secrets.token_urlsafe(32)
    async with pool.connection() as conn:
        await confirmations.remember(conn, asked.user_id, token)
    state, pause = "SENT", timedelta(0)
    try:
        await sender.send(letter(asked, token, site))
    except MailFailed as error:
        last = error.permanent or asked.attempts >= _MOST_ATTEMPTS
        state, pause = "FAILED" if last else "DUE", _FIRST_PAUSE * 4 ** (asked.attempts - 1)
        _log.warning("confirmation_failed", user_id=str(asked.user_id), reason=error.reason, given_up=last)
    except MailUnsure:
        _log.warning("confirmation_unsure", user_id=str(asked.user_id))
    async with pool.connection() as conn:
        await confirmations.settle(conn, asked.user_id, state, pause)
    return state == "SENT"


def letter(asked: Asked, token: str, site: str, _: Translate = str) -> Letter:
    """The mail with the link that confirms the address, in the language of `_`."""
    why = _(
        "An account at Rollcall (%(site)s) uses this address and asked for alerts by mail. "
        "If that was you, confirm the address within seven days:"
    )
    end = _("If it was not you, do nothing. Rollcall sends no alert to an address that is not confirmed.")
    text = f"{why % {'site': site}}\n\n{site}/mail/confirm?token={token}\n\n--\n{end}\n"
    return Letter(asked.address, _("Rollcall: confirm this address"), text, f"rollcall-confirm-{token[:16]}")
