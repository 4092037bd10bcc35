"""Checks of `rollcall doctor` for the worker's two partners: the platform, and the mail service."""

from __future__ import annotations

import socket
import ssl
from urllib.parse import urlsplit

import httpx

from cli.ops.doctor.check import Check, leave_out, wrong
from shared.settings import Settings
from worker.notify.base import MailFailed
from worker.notify.smtp import SmtpSender

_SECONDS = 10.0
_MAIL = "Look at the mail settings, and whether this machine may open such connections."


def platform(settings: Settings) -> Check:
    """Whether the platform's address answers: asked once, for its first page's head, without a cookie."""
    host = _host(settings.instagram_base_url)
    answer = _asked(settings.instagram_base_url)
    if isinstance(answer, int):
        return Check("platform", True, f"{host} answers (status {answer})")
    mend = "Check this machine's internet connection, its proxies and INSTAGRAM_BASE_URL."
    return wrong("platform", f"{host} does not answer: {answer}", mend)


def mail(settings: Settings) -> Check:
    """Whether the mail service can be reached; without a sign-in and without a mail."""
    given = {"SMTP_URL": settings.smtp_url, "MAIL_API_KEY": settings.mail_api_key}
    ways = [name for name, value in given.items() if value is not None]
    if settings.mail_from is None:
        if ways:
            return Check("mail", False, f"{ways[0]} is set and MAIL_FROM is not: no mail is sent", "Set MAIL_FROM.")
        return leave_out("mail", "MAIL_FROM is not set, so no mails are sent")
    if settings.mail_api_key is not None:
        return _over_https(settings.mail_api_url)
    if settings.smtp_url is None:
        return leave_out("mail", "neither SMTP_URL nor MAIL_API_KEY is set here; the worker needs one of them")
    return _over_smtp(settings.smtp_url, settings.mail_from)


def _over_https(url: str) -> Check:
    answer = _asked(url)
    if isinstance(answer, int):
        return Check("mail", True, f"the service at MAIL_API_URL answers (status {answer}); its key was not tried")
    return wrong("mail", f"the service at MAIL_API_URL does not answer: {answer}", _MAIL)


def _over_smtp(url: str, sender: str) -> Check:
    try:
        SmtpSender(url, sender).greet()
    except MailFailed as failed:
        return wrong("mail", f"the server at SMTP_URL cannot be used ({failed.reason})", _MAIL)
    return Check("mail", True, "the server at SMTP_URL answers; signing in and sending were not tried")


def _asked(url: str) -> int | str:
    """The status of the answer, or the reason why there is none, in words that repeat nothing of the address."""
    try:
        with httpx.Client(timeout=_SECONDS, follow_redirects=False) as client:
            return client.head(url).status_code
    except httpx.TimeoutException:
        return f"nothing came within {_SECONDS:g} seconds"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _cause(error)
    except (ValueError, ImportError):
        # httpx's error for an unusable proxy; its text repeats the address.
        return "a proxy that the environment names cannot be used"


def _cause(error: BaseException | None) -> str:
    kind = type(error).__name__
    while error is not None:
        if isinstance(error, socket.gaierror):
            return "its name leads to no address"
        if isinstance(error, ssl.SSLCertVerificationError):
            return "its certificate could not be verified"
        if isinstance(error, ConnectionRefusedError):
            return "nothing listens there"
        error = error.__cause__ or error.__context__
    return kind


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""
