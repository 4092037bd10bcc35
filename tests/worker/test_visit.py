"""Answers without any content, met by a real browser: the status counts, and the site is not asked again."""

from __future__ import annotations

from asyncio import Future
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from shared import errors
from shared.domain.jobs import InputRequest
from shared.errors import JobError
from tests.worker.instagram import settings_for
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.base import OpenGate
from worker.platforms.instagram_web.answers import SessionDoubtful
from worker.platforms.instagram_web.login import LoginDetails, log_in
from worker.platforms.instagram_web.second_factor import CodeReply
from worker.platforms.instagram_web.site_page import SitePage

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@contextmanager
def site(status: int, headers: dict[str, str], body: bytes = b"") -> Iterator[tuple[str, list[str]]]:
    """A site that gives every page this answer, and the paths that it was asked for."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "favicon" not in self.path:
                asked.append(self.path)
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
        (401, {}, b"", SessionDoubtful),
        (403, {}, b"", SessionDoubtful),
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
                await SitePage(context, address, OpenGate()).ask("/api/v1/x/", "/alice.test/")
    assert type(raised.value) is means
    assert asked == ["/alice.test/"]
    if isinstance(raised.value, errors.RateLimited) and headers:
        assert raised.value.until is not None
