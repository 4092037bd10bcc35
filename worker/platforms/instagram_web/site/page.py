"""A page of the site that sends requests from inside it, so that the site sees the browser that logged in."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import cast
from urllib.parse import urlencode, urlsplit

from playwright.async_api import BrowserContext, Page, Route
from playwright.async_api import Error as PlaywrightError

from shared.errors import BrowserFailed, JobError, SiteUnreachable, SuspectedAutomation, UnexpectedAnswer
from worker.browser.failures import meaning, typed_errors
from worker.browser.visit import visit
from worker.platforms.base import RateLimiter
from worker.platforms.instagram_web.site import scripts, selectors
from worker.platforms.instagram_web.site.prefetch import Ahead
from worker.platforms.instagram_web.site.responses import Answer, SessionDoubtful, error_for_redirect, page_refusal

APP_ID = "936619743392459"
# A page that the site shows to a living session only; others are redirected (docs/platforms/instagram.md, IG-1.5).
ALIVE_PATH = "/accounts/edit/"
_ASBD_ID = "359341"
_AWAY = ("/accounts/", "/challenge", "/auth_platform", "/checkpoint", "/consent", "/privacy/consent")
_HEAVY = frozenset({"image", "media", "font"})
_FETCH_MS = 60_000
_HUNG_SECONDS = 30.0
_SHOWN_MS = 5_000


class SitePage:
    """One open page of the site in one person's context."""

    def __init__(self, context: BrowserContext, base_url: str, limiter: RateLimiter) -> None:
        self._context, self._base_url, self._limiter = context, base_url, limiter
        self._page: Page | None = None
        self._looked = False
        self._claim = "0"
        self._ahead = Ahead()

    async def ask(
        self, path: str, referrer: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """The site's answer to a GET, or to a POST of `form`; not judged yet. Both are paths on the site.

        `headers` are sent besides the usual ones. Raises SiteUnreachable without an answer, BrowserFailed when the page
        is gone, the error of `page_refused` for a page that did not open, that of `elsewhere` when the site has sent
        the page away, and the limiter's errors.
        """
        page = self._page or await self._open(referrer)
        await self._limiter.acquire()
        asked = [*self._question(path, referrer, form), headers]
        return self._answer(await self._evaluate(page, scripts.ASK, asked))

    async def ask_list(self, path: str, referrer: str, cursor: str | None) -> Answer:
        """The page of a list at `cursor`, as `ask` returns it; `path` is the list's own, with a query but no cursor.

        Where the limiter is off, the page asks for the next pages too, so that they are there when their turn comes.
        """
        if not self._limiter.is_off:
            return await self.ask(path if cursor is None else f"{path}&{urlencode({'max_id': cursor})}", referrer)
        page = self._page or await self._open(referrer)

        async def read(start: str | None, pages: int) -> scripts.Chain:
            asked = [*self._question(path, referrer, None), start, pages]
            return cast(scripts.Chain, await self._evaluate(page, scripts.ASK_CHAIN, asked, pages))

        return self._answer(await self._ahead.take(path, cursor, read))

    def second_page(self) -> SitePage:
        """Another page in the same context, behind the same limiter."""
        return SitePage(self._context, self._base_url, self._limiter)

    async def acquire(self) -> None:
        """Returns when the page itself may make one more request; raises the limiter's errors."""
        await self._limiter.acquire()

    async def page(self, path: str, *, anew: bool = False) -> Page:
        """The open page, opened at `path` if there is none or with `anew`; raises the errors of `ask`."""
        if anew and self._page is not None:
            page, self._page = self._page, None
            await page.close()
        return self._page or await self._open(path)

    async def close(self) -> None:
        """Ends pending prefetches."""
        await self._ahead.stop()

    def _question(self, path: str, referrer: str, form: dict[str, str] | None) -> list[object]:
        return [path, self._base_url + referrer, form, self._claim, APP_ID, _ASBD_ID, _FETCH_MS]

    async def _evaluate(self, page: Page, script: str, asked: list[object], answers: int = 1) -> object:
        """The result of the script, which waits for that many answers; a page that hangs is the browser's fault."""
        try:
            async with asyncio.timeout(_FETCH_MS / 1000 * answers + _HUNG_SECONDS):
                raw: object = await page.evaluate(script, asked)
            await self._look(page)
            return raw
        except PlaywrightError as error:
            raise await self._lost(page, error) from None
        except TimeoutError:
            self._page = None
            raise BrowserFailed from None

    def _answer(self, raw: object) -> Answer:
        if raw is None:
            raise SiteUnreachable
        status, body, headers, landed = cast(scripts.RawAnswer, raw)
        self._claim = headers.get("x-ig-set-www-claim") or self._claim
        return Answer(status, body, headers, landed)

    async def _open(self, path: str) -> Page:
        """Opens a page of the site without its pictures; afterwards the browser no longer filters requests."""
        await self._limiter.acquire()
        with typed_errors():
            page = await self._context.new_page()
            await page.route("**/*", light)
            seen = await visit(page, self._base_url + path)
            await page.unroute_all(behavior="ignoreErrors")
        shown = Answer(seen.status, "" if seen.is_empty else "page", seen.headers)
        if (refused := page_refusal(shown)) is not None:
            raise await self._settled(page, refused)
        if is_away(page.url):
            raise await _sent_away(page)
        self._page, self._looked = page, False
        return page

    async def _settled(self, page: Page, refused: JobError) -> JobError:
        """The error of a refused page; one more page tells a dead session from a mere refusal."""
        if not isinstance(refused, SessionDoubtful):
            return refused
        await self._limiter.acquire()
        with typed_errors():
            seen = await visit(page, self._base_url + ALIVE_PATH)
        if seen.is_empty or urlsplit(page.url).path == ALIVE_PATH:
            return refused.otherwise
        sent = await _sent_away(page)
        return refused.otherwise if isinstance(sent, UnexpectedAnswer) else sent

    async def _look(self, page: Page) -> None:
        """Raises SuspectedAutomation where the page shows its warning: once per page, after the first answer."""
        if not self._looked:
            self._looked = True
            if await selectors.suspicion(page).is_visible():
                raise SuspectedAutomation

    async def _lost(self, page: Page, error: PlaywrightError) -> Exception:
        """The reason why the page could not be asked: the site led it to another place, or the browser failed."""
        self._page = None
        if not page.is_closed() and is_away(page.url):
            return await _sent_away(page)
        return meaning(error)


async def _sent_away(page: Page) -> JobError:
    """The error for the place to which the site led the page; its contents count, too."""
    with suppress(PlaywrightError):
        return error_for_redirect(page.url, await page.inner_text("body", timeout=_SHOWN_MS))
    return error_for_redirect(page.url)


def is_away(url: str) -> bool:
    """Whether the site led the page to the login, a challenge, or home; a browser's own page counts as no."""
    where = urlsplit(url)
    return where.scheme in ("http", "https") and (where.path == "/" or where.path.startswith(_AWAY))


async def light(route: Route) -> None:
    """Skips resources that reading a page does not need."""
    if route.request.resource_type in _HEAVY:
        await route.abort()
    else:
        await route.continue_()
