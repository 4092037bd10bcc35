"""Connects to a browser on another machine, by BROWSER_ENDPOINT: a Playwright server's address, or Chromium's own.

Only scheme, host and port of the address are ever shown: its path and its query may hold a secret.
"""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserType
from playwright.async_api import Error as PlaywrightError

from shared.errors import BrowserAway

_CONNECT_MS = 20_000
_VERSIONS = re.compile(r"server version: v(?P<server>[\d.]+).*?client version: v(?P<client>[\d.]+)", re.S)
_UNREACHABLE = ("ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "Timeout")
_TURNED_AWAY = ("400 Bad Request", "401 ", "403 ", "404 ", "Unexpected status")
_NO_BROWSER_THERE = ("xecutable doesn't exist", "is not found at")


def speaks_devtools(endpoint: str) -> bool:
    """Whether the address is Chromium's own (http, or a WebSocket below /devtools/) and not a Playwright server's."""
    parts = urlsplit(endpoint)
    return parts.scheme in ("http", "https") or "/devtools/" in parts.path


def public_part(endpoint: str) -> str:
    """The part of an address that may be shown."""
    parts = urlsplit(endpoint)
    kind = "DevTools" if speaks_devtools(endpoint) else "Playwright server"
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}{f':{parts.port}' if parts.port else ''} ({kind})"


async def connect(chromium: BrowserType, endpoint: str, headless: bool, arguments: tuple[str, ...]) -> Browser:
    """The browser behind `endpoint`; raises BrowserAway with the reason. A server may ignore the last two arguments."""
    try:
        if speaks_devtools(endpoint):
            return await chromium.connect_over_cdp(endpoint, no_defaults=True, timeout=_CONNECT_MS)
        options = json.dumps({"headless": headless, "args": arguments})
        return await chromium.connect(endpoint, headers={"x-playwright-launch-options": options}, timeout=_CONNECT_MS)
    except PlaywrightError as error:
        away = BrowserAway(*_meaning(error.message, public_part(endpoint)))
    raise away


def _meaning(text: str, where: str) -> tuple[str, str]:
    """The fault and its remedy, without Playwright's own words."""
    if versions := _VERSIONS.search(text):
        server, client = versions["server"], versions["client"]
        return (
            f"{where} is of version {server}, the worker's Playwright of version {client}.",
            f"Run the server with Playwright {client}: its first two numbers have to be the worker's.",
        )
    if any(sign in text for sign in _NO_BROWSER_THERE):
        return (
            f"{where} has no Chromium to start.",
            "Run `playwright install chromium` on its machine, with the server's own Playwright.",
        )
    if "ECONNREFUSED" in text:
        return f"Nothing listens at {where}.", "Start the browser or its server there, and check host and port."
    if any(sign in text for sign in _TURNED_AWAY):
        return (
            f"{where} answers, and does not let the worker in.",
            "Check the path and the token in BROWSER_ENDPOINT. DevTools are reached by http:// or by the address below "
            "/devtools/browser/, a Playwright server by ws:// and the path that it prints when it starts.",
        )
    if any(sign in text for sign in _UNREACHABLE):
        return f"{where} does not answer.", "Check the name, and the network and the firewall between the machines."
    return (
        f"{where} answers, but not as a browser.",
        "Check BROWSER_ENDPOINT: ws:// or wss:// for a Playwright server, http:// or https:// for Chromium's DevTools.",
    )
