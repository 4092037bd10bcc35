"""A page of the site, and questions asked from inside it: the site sees the browser that logged in."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode, urlsplit

from playwright.async_api import BrowserContext, Page, Route
from playwright.async_api import Error as PlaywrightError

from shared.errors import SiteFailed, SiteUnreachable
from worker.browser.failures import meaning, typed
from worker.platforms.base import Gate
from worker.platforms.instagram_web import scripts
from worker.platforms.instagram_web.ahead import Ahead
from worker.platforms.instagram_web.answers import Answer, elsewhere

APP_ID = "936619743392459"
_ASBD_ID = "359341"
_HEAVY = frozenset({"image", "media", "font"})
_FETCH_MS = 60_000


class SitePage:
    """One open page of the site in one person's context."""

    def __init__(self, context: BrowserContext, base_url: str, gate: Gate) -> None:
        self._context, self._base_url, self._gate = context, base_url, gate
        self._page: Page | None = None
        self._claim = "0"
        self._ahead = Ahead()

    async def ask(self, path: str, referrer: str, form: dict[str, str] | None = None) -> Answer:
        """The site's answer to a GET, or to a POST of `form`; judged by nobody yet. Both are paths on the site.

        Raises SiteUnreachable when no answer came, BrowserFailed when the page is gone, what `elsewhere` says when
        the site has sent the page away, and what the gate raises.
        """
        page = self._page or await self._open(referrer)
        await self._gate.turn()
        return self._answer(await self._evaluate(page, scripts.ASK, self._question(path, referrer, form)))

    async def ask_list(self, path: str, referrer: str, cursor: str | None) -> Answer:
        """The page of a list at `cursor`, as `ask` gives it; `path` is the list's own, with a query but no cursor.

        Where the gate is off, the page asks for the pages behind it too: they are there when their turn comes.
        """
        if not self._gate.is_off:
            return await self.ask(path if cursor is None else f"{path}&{urlencode({'max_id': cursor})}", referrer)
        page = self._page or await self._open(referrer)

        async def read(start: str | None, pages: int) -> scripts.Chain:
            asked = [*self._question(path, referrer, None), start, pages]
            return cast(scripts.Chain, await self._evaluate(page, scripts.ASK_CHAIN, asked))

        return self._answer(await self._ahead.take(path, cursor, read))

    async def close(self) -> None:
        """Ends what is still being read ahead."""
        await self._ahead.stop()

    def _question(self, path: str, referrer: str, form: dict[str, str] | None) -> list[object]:
        return [path, self._base_url + referrer, form, self._claim, APP_ID, _ASBD_ID, _FETCH_MS]

    async def _evaluate(self, page: Page, script: str, asked: list[object]) -> object:
        try:
            return await page.evaluate(script, asked)
        except PlaywrightError as error:
            raise await self._lost(page, error) from None

    def _answer(self, told: object) -> Answer:
        if told is None:
            raise SiteUnreachable
        status, body, headers, landed = cast(scripts.Told, told)
        self._claim = headers.get("x-ig-set-www-claim") or self._claim
        return Answer(status, body, headers, landed)

    async def _open(self, path: str) -> Page:
        """Opens a page of the site without its pictures; from then on the browser is not in the way of a request."""
        await self._gate.turn()
        with typed():
            page = await self._context.new_page()
            await page.route("**/*", _light)
            response = await page.goto(self._base_url + path, wait_until="domcontentloaded")
            await page.unroute_all(behavior="ignoreErrors")
        if response is not None and response.status >= 500:
            raise SiteFailed
        if _is_away(page.url):
            raise elsewhere(page.url)
        self._page = page
        return page

    async def _lost(self, page: Page, error: PlaywrightError) -> Exception:
        """Why the page could not be asked: the site led it elsewhere, or the browser failed."""
        self._page = None
        if not page.is_closed() and _is_away(page.url):
            return elsewhere(page.url)
        return meaning(error)


def _is_away(url: str) -> bool:
    """Whether the site led the page to the login, to a question of its own, or home."""
    path = urlsplit(url).path
    return path == "/" or path.startswith(("/accounts/", "/challenge", "/auth_platform", "/checkpoint", "/consent"))


async def _light(route: Route) -> None:
    if route.request.resource_type in _HEAVY:
        await route.abort()
    else:
        await route.continue_()
