"""Reads a follow list from the page itself: opens and scrolls its dialog, and listens to the site's answers.

This way remains where the site answers only its own script (IG-1.8). It cannot begin in the middle: to continue at a
cursor, the dialog is opened and scrolled to that point.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Response
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shared.domain.social import PeoplePage
from shared.errors import JobError, UnexpectedAnswer
from worker.browser.failures import meaning
from worker.platforms.instagram_web.parsing import profile_and_lists
from worker.platforms.instagram_web.reading.graphql import List, line_that_counts, with_data
from worker.platforms.instagram_web.site.page import SitePage, light
from worker.platforms.instagram_web.site.responses import Answer, parse_or_raise

_DIALOG = "[role=dialog]"
_PATIENCE_MS = 15_000
_SCROLLS = 3
# The list scrolls in the box of the dialog whose content is higher than its view.
_SCROLL = """dialog => {
  const boxes = [dialog, ...dialog.querySelectorAll("*")];
  const tall = boxes.filter((box) => box.scrollHeight > box.clientHeight + 1 && box.clientHeight > 0);
  for (const box of tall) { box.scrollTop = 0; box.scrollTop = box.scrollHeight; }
}"""


@dataclass(slots=True)
class _Open:
    """An open dialog: its list, received answers that were not taken yet, and the cursor after the last taken one."""

    page: Page
    which: List
    came: asyncio.Queue[Answer] = field(default_factory=asyncio.Queue)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    at: str | None = None
    ended: bool = False

    def stands_at(self, which: List, cursor: str | None) -> bool:
        """Whether the next answer is the one for this cursor."""
        return cursor is not None and self.which == which and self.at == cursor and not self.page.is_closed()

    def waiting(self) -> Answer | None:
        """An answer that is already there."""
        return None if self.came.empty() else self.came.get_nowait()

    async def wait(self) -> Answer | None:
        """The next answer; None when the page does not get any."""
        try:
            return await asyncio.wait_for(self.came.get(), _PATIENCE_MS / 1000)
        except TimeoutError:
            return None


class ListDialog:
    """Reads a list by watching the page load it. At most one dialog is open."""

    def __init__(self, site: SitePage) -> None:
        self._site = site
        self._open: _Open | None = None

    async def answer(self, which: List, cursor: str | None) -> Answer:
        """The site's answer for the list's page at `cursor`, as its own script got it, refusals included.

        Each provoked page waits for its turn at the limiter. Raises UnexpectedAnswer when the page has no such dialog,
        or it ends before the cursor.
        """
        opened = self._open
        if opened is None or not opened.stands_at(which, cursor):
            opened = self._open = await self._opened(which)
        try:
            while True:
                here, answer = opened.at, await self._next(opened)
                page = _page_of(answer)
                opened.at = page.next_cursor if page else None
                opened.ended = opened.at is None
                if page is None or here == cursor:
                    return answer
        except PlaywrightError as error:
            self._open = None
            raise meaning(error) from None

    async def _opened(self, which: List) -> _Open:
        """Opens the profile and clicks the list's link; the first page comes by itself."""
        page = await self._site.page(f"/{which.username}/", anew=True)
        opened = _Open(page, which)
        page.on("response", lambda response: _listen(opened, response))
        await self._site.acquire()
        try:
            await page.route("**/*", light)
            await page.locator(f'a[href$="/{which.name}/"]').first.click(timeout=_PATIENCE_MS)
            await page.locator(_DIALOG).last.wait_for(timeout=_PATIENCE_MS)
        except PlaywrightTimeout:
            raise UnexpectedAnswer("Instagram's page does not open the list.") from None
        except PlaywrightError as error:
            raise meaning(error) from None
        return opened

    async def _next(self, opened: _Open) -> Answer:
        """The dialog's next answer: the first comes by itself, every other one after scrolling."""
        if opened.ended:
            raise UnexpectedAnswer("Instagram's list ended before the place where it was to continue.")
        answer = await opened.wait() if opened.at is None else opened.waiting()
        for _ in range(_SCROLLS):
            if answer is not None:
                return answer
            await self._site.acquire()
            await opened.page.locator(_DIALOG).last.evaluate(_SCROLL)
            answer = await opened.wait()
        if answer is None:
            raise UnexpectedAnswer("Instagram's page stopped loading the list.")
        return answer


def _listen(opened: _Open, response: Response) -> None:
    if "/friendships/" in response.url or "graphql" in response.url:
        task = asyncio.create_task(_take(opened, response))
        opened.tasks.add(task)
        task.add_done_callback(opened.tasks.discard)


async def _take(opened: _Open, response: Response) -> None:
    """Keeps an answer that holds the list or refuses it; other calls of the page are ignored."""
    if not _is_about(opened.which, response):
        return
    try:
        headers = await response.all_headers()
        body = await response.text()
    except PlaywrightError:
        return
    answer = Answer(response.status, line_that_counts(body), headers)
    if _page_of(answer) is not None or _is_refused(answer) or with_data(answer.body) is None:
        opened.came.put_nowait(answer)


def _is_about(which: List, response: Response) -> bool:
    """Whether the request was about this list, by its address or its form."""
    if f"/friendships/{which.owner}/{which.name}/" in response.url:
        return True
    form = response.request.post_data or ""
    return "FollowList" in form or "FollowersList" in form or "FollowingList" in form


def _is_refused(answer: Answer) -> bool:
    try:
        parse_or_raise(answer)
    except JobError:
        return True
    return False


def _page_of(answer: Answer) -> PeoplePage | None:
    try:
        return profile_and_lists.people_page(parse_or_raise(answer))
    except JobError:
        return None
