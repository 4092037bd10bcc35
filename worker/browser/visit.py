"""Opens or reloads a page and returns the site's answer, also where it has no content.

For an error status without a body Chromium shows no page and reports a failed connection instead. The status is still
known, from the response that it received. Its build without windows shows an empty page.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response

_FIRST_ERROR = 400
_NO_CONTENT = "ERR_HTTP_RESPONSE_CODE_FAILURE"


@dataclass(frozen=True, slots=True)
class Visit:
    """The answer for the page itself: `is_empty` without content, `headers` in lower case; status 0: unknown."""

    status: int
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    is_empty: bool = False


async def visit(page: Page, url: str) -> Visit:
    """Opens `url` in the page and waits until its document is there.

    Raises Playwright's own errors, except for an error status without content.
    """
    return await _answered(page, lambda: page.goto(url, wait_until="domcontentloaded"))


async def visit_again(page: Page) -> Visit:
    """Loads the page once more; as `visit`."""
    return await _answered(page, lambda: page.reload(wait_until="domcontentloaded"))


async def _answered(page: Page, lead: Callable[[], Awaitable[Response | None]]) -> Visit:
    seen: list[Response] = []

    def note(response: Response) -> None:
        if response.frame == page.main_frame and response.request.is_navigation_request():
            seen.append(response)

    page.on("response", note)
    try:
        response = await lead()
        return Visit(0) if response is None else await _shown(response)
    except PlaywrightError as error:
        if _NO_CONTENT not in error.message or not seen:
            raise
        return Visit(seen[-1].status, seen[-1].headers, is_empty=True)
    finally:
        page.remove_listener("response", note)


async def _shown(response: Response) -> Visit:
    is_empty = response.status >= _FIRST_ERROR and not await response.body()
    return Visit(response.status, response.headers, is_empty)
