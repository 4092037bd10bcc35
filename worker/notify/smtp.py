"""Mail over SMTP: `smtp://` with STARTTLS where the server offers it (and always before a password), or `smtps://`."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import SplitResult, unquote, urlsplit

from shared.domain.input.email_addresses import clean_address
from shared.domain.input.text import clean
from worker.notify.base import Letter, MailFailed, MailUnsure
from worker.threads import in_thread

_TIMEOUT = 20.0


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """Sends through the server at `url`, in a thread of its own for each letter."""

    url: str = field(repr=False)
    sender: str
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context, repr=False)

    async def send(self, letter: Letter) -> None:
        await in_thread(self._send, message(letter, self.sender))

    def greet(self) -> None:
        """Greets the server as before a mail, over TLS where required, and leaves again; raises MailFailed."""
        with self._server(sign_in=False):
            pass

    def _send(self, message: EmailMessage) -> None:
        with self._server(sign_in=True) as server:
            _hand_over(server, message)

    @contextmanager
    def _server(self, *, sign_in: bool) -> Iterator[smtplib.SMTP]:
        try:
            server = self._connected(sign_in=sign_in)
        except smtplib.SMTPResponseException as error:
            raise MailFailed(f"smtp_{error.smtp_code}", permanent=False) from None
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(type(error).__name__, permanent=False) from None
        try:
            yield server
        finally:
            # The server's answer to QUIT changes nothing about the letter.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _connected(self, *, sign_in: bool) -> smtplib.SMTP:
        where = urlsplit(self.url)
        host = where.hostname or "localhost"
        if where.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, where.port or 465, timeout=_TIMEOUT, context=self.tls)
        else:
            server = smtplib.SMTP(host, where.port or 587, timeout=_TIMEOUT)
        try:
            self._enter(server, where, sign_in=sign_in)
        except BaseException:
            server.close()
            raise
        return server

    def _enter(self, server: smtplib.SMTP, where: SplitResult, *, sign_in: bool) -> None:
        server.ehlo_or_helo_if_needed()
        if where.scheme == "smtp" and (server.has_extn("starttls") or where.password):
            # Raises where TLS is not offered: a password never crosses the network unencrypted.
            server.starttls(context=self.tls)
        if sign_in and where.username and where.password:
            server.login(unquote(where.username), unquote(where.password))


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPResponseException as error:
        raise MailFailed(f"smtp_{error.smtp_code}", permanent=error.smtp_code >= 500) from None
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise MailFailed(f"smtp_{code}", permanent=code >= 500) from None
    except smtplib.SMTPNotSupportedError:
        raise MailFailed("smtp_not_supported", permanent=True) from None
    except (OSError, smtplib.SMTPException):
        raise MailUnsure from None


def message(letter: Letter, sender: str) -> EmailMessage:
    """Returns the mail as it is sent; raises MailFailed, permanent, for an address that no mail can have."""
    if clean_address(letter.to) is None:
        raise MailFailed("address_unusable", permanent=True)
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, letter.to, letter.subject
    made["Date"], made["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2].rstrip(">"))
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(clean(letter.text))
    return made
