"""Sends alerts as mails: planned, claimed, sent outside any transaction, settled. Every half minute, by any worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from shared import logs
from shared.db.pools import WorkerConnection
from shared.messages import Translate, render
from shared.settings import Settings
from shared.store.users import email_alerts
from shared.store.users.email_alerts import Mail
from worker.notify.base import Letter, MailFailed, MailUnsure, Sender, one_line, plain
from worker.notify.confirm import ask_due, site_of
from worker.notify.https import HttpsSender
from worker.notify.smtp import SmtpSender
from worker.periodic.task import fault_of, repeating
from worker.services import Pool, Services
from worker.telemetry.measures import UNMEASURED, Measures

_EVERY = timedelta(seconds=30)
_BATCH = 20
_MOST_ATTEMPTS = 6
_FIRST_PAUSE = timedelta(minutes=1)
_BROKE = "mail_broke"
_log = logs.get("worker.notify")


class Claimed(Protocol):
    """A mail that this worker alone sends."""

    @property
    def id(self) -> int: ...
    @property
    def attempts(self) -> int: ...


class Outbox(Protocol):
    """Stores how a mail ended; a module of the store is one."""

    async def mark_sent(self, conn: WorkerConnection, mail: Any) -> None: ...
    async def again(self, conn: WorkerConnection, mail: Any, error: str, after: timedelta) -> None: ...
    async def give_up(self, conn: WorkerConnection, mail: Any, error: str) -> None: ...


def sender_of(settings: Settings) -> Sender | None:
    """The sender in the settings; None when mail is not set up."""
    if settings.mail_from is None:
        return None
    if settings.mail_api_key is not None:
        return HttpsSender(settings.mail_api_url, settings.mail_api_key, settings.mail_from)
    return None if settings.smtp_url is None else SmtpSender(settings.smtp_url, settings.mail_from)


async def deliver(pool: Pool, sender: Sender, public_url: str | None) -> int:
    """Sends due mails and returns the number sent; any number of workers may run at the same time.

    Each mail is claimed, sent and settled by itself, so that a fault of one leaves the others due.
    """
    async with pool.connection() as conn:
        await email_alerts.plan(conn)
    sent = 0
    for _ in range(_BATCH):
        async with pool.connection() as conn:
            claimed = await email_alerts.claim(conn, 1)
        if not claimed:
            break
        sent += await _deliver(pool, sender, claimed[0], public_url)
    return sent


async def _deliver(pool: Pool, sender: Sender, mail: Mail, public_url: str | None) -> bool:
    async def send() -> None:
        await sender.send(letter(mail, public_url))

    fault = await fault_of(send)
    async with pool.connection() as conn:
        await settle(conn, email_alerts, mail, fault)
    return fault is None


async def settle(conn: WorkerConnection, outbox: Outbox, mail: Claimed, fault: Exception | None) -> None:
    """Stores the mail's result. An error of unknown type is this mail's own: it is not tried again."""
    match fault:
        case None:
            await outbox.mark_sent(conn, mail)
            _log.info("mail_sent", mail=mail.id)
        case MailFailed():
            last = fault.permanent or mail.attempts >= _MOST_ATTEMPTS
            _log.warning("mail_failed", mail=mail.id, reason=fault.reason, attempts=mail.attempts, given_up=last)
            if last:
                await outbox.give_up(conn, mail, fault.reason)
            else:
                await outbox.again(conn, mail, fault.reason, _FIRST_PAUSE * 4 ** (mail.attempts - 1))
        case MailUnsure():
            _log.warning("mail_unsure", mail=mail.id)
            await outbox.give_up(conn, mail, fault.code)
        case _:
            # The text of such an error may hold the address, so only its type is logged.
            _log.error("mail_broke", mail=mail.id, error=type(fault).__name__)
            await outbox.give_up(conn, mail, _BROKE)


def letter(mail: Mail, public_url: str | None, _: Translate = str) -> Letter:
    """The mail about an alert, in the language of `_`: its sentence, and a link. Any text can become a mail."""
    where = f"\n\n{public_url}/profiles/{mail.profile_id}" if public_url else ""
    if public_url:
        end = _("You asked Rollcall for alerts by mail. Switch them off under %(address)s.")
        end %= {"address": f"{public_url}/account"}
    else:
        end = _("You asked Rollcall for alerts by mail. Switch them off on your account's page.")
    text = f"{plain(render(mail.message, _))}{where}\n\n--\n{end}\n"
    return Letter(mail.address, f"Rollcall: {one_line(mail.username)}", text, f"rollcall-alert-{mail.id}")


@asynccontextmanager
async def notifying(
    services: Services, measures: Measures = UNMEASURED, every: timedelta = _EVERY
) -> AsyncIterator[None]:
    """Delivers for as long as the block lasts, where mail is set up and this worker keeps the schedule."""
    settings = services.settings
    sender = sender_of(settings) if settings.scheduler else None
    if sender is None:
        yield
        return
    async with repeating("mail", partial(_turn, services, sender), every, measures):
        yield


async def _turn(services: Services, sender: Sender) -> None:
    await ask_due(services.pool, sender, site_of(services.settings))
    await deliver(services.pool, sender, services.settings.public_url)
