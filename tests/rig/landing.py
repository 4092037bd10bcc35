"""The address to which a page is sent back, read from the redirect itself, because nothing listens there."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from playwright.sync_api import Page, Response

_SEEN: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()


def watch(page: Page, address: str) -> None:
    """Notes each redirect of the page to an address that begins so."""
    seen = _SEEN.setdefault(page, [])

    def note(response: Response) -> None:
        to = response.headers.get("location", "")
        if to.startswith(address):
            seen.append(to)

    page.on("response", note)


def landed(page: Page) -> str:
    """Waits for the first redirect that was noted, and returns its address."""
    seen = _SEEN[page]
    if not seen:
        page.wait_for_event("response", lambda _: bool(seen))
    return seen[0]
