"""Translates Playwright's errors. Their texts may hold input typed into a page: they are never chained nor logged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shared.errors import BrowserFailed, SiteUnreachable, Transient

_NETWORK = "net::ERR_"
_OWN_DOING = ("net::ERR_ABORTED", "net::ERR_BLOCKED_BY_CLIENT")


def meaning(error: PlaywrightError) -> Transient:
    """SiteUnreachable for a failed connection or a page that never came, else BrowserFailed; keeps no text."""
    text = error.message
    if isinstance(error, PlaywrightTimeout) or (_NETWORK in text and not any(own in text for own in _OWN_DOING)):
        return SiteUnreachable()
    return BrowserFailed()


@contextmanager
def typed_errors() -> Iterator[None]:
    """Turns Playwright's errors into ours."""
    try:
        yield
    except PlaywrightError as error:
        raise meaning(error) from None
