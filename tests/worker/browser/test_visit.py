"""Answers without any content, met by a real browser: the status counts, and the site is not asked again."""

from __future__ import annotations

from asyncio import Future
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest.mock import ANY

import pytest

from shared import errors
from shared.domain.jobs import InputRequest
from shared.errors import JobError
from tests.worker.instagram import settings_for
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.browser.visit import Visit, visit, visit_again
from worker.platforms.base import NoLimit
from worker.platforms.instagram_web.login.flow import log_in
from worker.platforms.instagram_web.site.page import ALIVE_PATH, SitePage, is_away
from worker.platforms.login import CodeReply, LoginDetails

pytestmark = pytest.mark.slow


@contextmanager
def site(
    status: int, headers: dict[str, str], body: bytes = b"", led_to: str | None = None
) -> Iterator[tuple[str, list[str]]]:
    """A site that gives every page this answer, and the paths that it was asked for.

    With `led_to` it leads there from the page that only a living session is shown; "" shows that page.
    """
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "favicon" not in self.path:
                asked.append(self.path)
            if led_to is not None and self.path in (ALIVE_PATH, led_to):
                self.send_response(302 if led_to and self.path == ALIVE_PATH else 200)
                self.send_header("Location", led_to)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *told: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


async def nobody(request: InputRequest, moved: Future[None] | None = None) -> CodeReply:
    raise AssertionError("nothing was to be asked")


@pytest.mark.parametrize(
    ("status", "headers", "body", "means"),
    [
        (429, {}, b"", errors.LoginThrottled),
        (429, {"Retry-After": "60"}, b"", errors.LoginThrottled),
        (429, {}, b"<p>slow down</p>", errors.LoginThrottled),
        (500, {}, b"", errors.SiteFailed),
        (403, {}, b"", errors.UnexpectedAnswer),
        (404, {}, b"", errors.UnexpectedAnswer),
    ],
)
async def test_a_login_page_that_is_refused_is_asked_for_once(
    browser: BrowserPool, status: int, headers: dict[str, str], body: bytes, means: type[JobError]
) -> None:
    with site(status, headers, body) as (address, asked):
        async with browser.context(BrowserSession()) as context:
            with pytest.raises(means) as raised:
                await log_in(await context.new_page(), address, LoginDetails("alice.test", "canary"), nobody)
    assert type(raised.value) is means
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "headers", "body", "means"),
    [
        (429, {"Retry-After": "600"}, b"", errors.RateLimited),
        (429, {}, b"<p>slow down</p>", errors.RateLimited),
        (404, {}, b"", errors.UnknownUser),
        (500, {}, b"", errors.SiteFailed),
    ],
)
async def test_a_page_that_is_refused_ends_the_reading_before_anything_more_is_asked(
    browser: BrowserPool, status: int, headers: dict[str, str], body: bytes, means: type[JobError]
) -> None:
    with site(status, headers, body) as (address, asked):
        async with browser.context(BrowserSession()) as context:
            with pytest.raises(means) as raised:
                await SitePage(context, address, NoLimit()).ask("/api/v1/x/", "/alice.test/")
    assert type(raised.value) is means
    assert asked == ["/alice.test/"]
    if isinstance(raised.value, errors.RateLimited) and headers:
        assert raised.value.until is not None


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("led_to", "means"),
    [
        ("/accounts/login/", errors.SessionDead),
        ("/challenge/1/aa/", errors.CheckpointRequired),
        ("/accounts/suspended/", errors.Suspended),
        ("/brand/new/", errors.RateLimited),
        ("", errors.RateLimited),
        (None, errors.RateLimited),
    ],
)
async def test_one_more_page_tells_a_session_that_is_over_from_a_page_that_is_refused(
    browser: BrowserPool, status: int, led_to: str | None, means: type[JobError]
) -> None:
    with site(status, {}, led_to=led_to) as (address, asked):
        async with browser.context(BrowserSession()) as context:
            with pytest.raises(means) as raised:
                await SitePage(context, address, NoLimit()).ask("/api/v1/x/", "/alice.test/")
    assert type(raised.value) is means
    assert asked == ["/alice.test/", ALIVE_PATH, *([led_to] if led_to else [])]
    if means is errors.RateLimited:
        assert f"HTTP {status}" in raised.value.message


async def test_a_page_that_is_loaded_again_tells_its_status(browser: BrowserPool) -> None:
    async with browser.context(BrowserSession()) as context:
        page = await context.new_page()
        with site(200, {}, b"<p>here</p>") as (address, _):
            assert await visit(page, address) == Visit(200, ANY)
            answers: dict[str, Any] = {"status": 503, "headers": {"X-Told": "yes"}, "body": ""}
            await page.route("**/*", lambda route: route.fulfill(**answers))
            seen = await visit_again(page)
    assert (seen.status, seen.is_empty, seen.headers["x-told"]) == (503, True, "yes")


@pytest.mark.parametrize("url", ["chrome-error://chromewebdata/", "about:blank", ""])
def test_a_page_that_the_browser_made_is_nowhere_that_the_site_leads_to(url: str) -> None:
    assert not is_away(url)
    assert is_away("http://127.0.0.1:9/accounts/login/")
