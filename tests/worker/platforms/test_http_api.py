"""The client of official interfaces over real HTTP: limits of time and size, typed errors, nothing secret in them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from shared.errors import Cancelled, QuotaSpent, SiteUnreachable, UnexpectedAnswer
from tests.rig.tiny_google import Reply, TinyGoogle, tiny_google
from worker.platforms.base import Cost, NoLimit
from worker.platforms.http_api import HttpApi, open_api

QUERY = {"part": "id", "secret": "not-in-an-error"}
COST = Cost("a_quota")


class Counting:
    """A limiter that remembers what it was asked, and how many requests had been made by then."""

    is_off = True

    def __init__(self, google: TinyGoogle) -> None:
        self.google, self.costs = google, list[tuple[Cost | None, int]]()
        self.refuses: Exception | None = None

    async def acquire(self, cost: Cost | None = None) -> None:
        self.costs.append((cost, len(self.google.requests)))
        if self.refuses is not None:
            raise self.refuses

    async def mark_spent(self, cost: Cost, until: datetime) -> None:
        raise AssertionError("no answer said so")

    def keep_rest(self, cost: Cost, until: datetime) -> None:
        raise AssertionError("no answer said so")


@pytest.fixture
def google() -> Iterator[TinyGoogle]:
    with tiny_google() as made:
        yield made


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as made:
        yield made


def url(google: TinyGoogle) -> str:
    return f"{google.address}/youtube/v3/channels"


async def test_an_answer_has_status_object_and_the_platforms_own_time(google: TinyGoogle) -> None:
    async with open_api(NoLimit()) as api:
        answer = await api.get(url(google), QUERY, token="access-1")
    assert answer.status == 200
    assert answer.body is not None
    assert answer.observed_at == google.now
    assert (google.requests[0].given, google.requests[0].token) == (QUERY, "access-1")


async def test_each_call_is_counted_before_it_is_made_and_a_form_costs_nothing(google: TinyGoogle) -> None:
    counting = Counting(google)
    async with open_api(counting) as api:
        await api.get(url(google), QUERY, token="access-1", cost=COST)
        await api.get(url(google), QUERY, token="access-1", cost=COST)
        await api.post_form(f"{google.address}/token", {"grant_type": "refresh_token"})
    assert counting.costs == [(COST, 0), (COST, 1), (None, 2)]


@pytest.mark.parametrize("refusal", [QuotaSpent(until=datetime.now(UTC)), Cancelled()])
async def test_a_call_that_is_refused_is_not_made(google: TinyGoogle, refusal: Exception) -> None:
    counting = Counting(google)
    counting.refuses = refusal
    async with open_api(counting) as api:
        with pytest.raises(type(refusal)):
            await api.get(url(google), QUERY, token="access-1", cost=COST)
    assert google.requests == []


@pytest.mark.parametrize("body", ["<html>", "[1]", '"text"', "", "{", "[" * 100_000])
async def test_what_is_no_object_has_no_body(google: TinyGoogle, body: str) -> None:
    google.fail("channels", Reply(200, body))
    async with open_api(NoLimit()) as api:
        assert (await api.get(url(google), QUERY, token="access-1")).body is None


async def test_a_body_that_is_too_large_is_not_read_to_its_end(google: TinyGoogle, client: httpx.AsyncClient) -> None:
    google.fail("channels", Reply(200, "x" * 1001), Reply(200, '{"a": "' + "x" * 900 + '"}'))
    api = HttpApi(client, NoLimit(), largest=1000)
    with pytest.raises(UnexpectedAnswer):
        await api.get(url(google), QUERY, token="access-1")
    assert (await api.get(url(google), QUERY, token="access-1")).body is not None


async def test_a_redirect_is_an_answer_and_is_not_followed(google: TinyGoogle) -> None:
    google.fail("channels", Reply(302, {}, {"Location": f"{google.address}/youtube/v3/videos"}))
    async with open_api(NoLimit()) as api:
        assert (await api.get(url(google), QUERY, token="access-1")).status == 302
    assert len(google.requests) == 1


async def test_a_host_that_is_not_there_is_unreachable_and_the_error_names_no_address() -> None:
    async with open_api(NoLimit()) as api:
        with pytest.raises(SiteUnreachable) as raised:
            await api.get("http://127.0.0.1:9/youtube", QUERY, token="hidden")
    assert raised.value.__cause__ is None
    assert "127.0.0.1" not in str(raised.value)
    assert "not-in-an-error" not in repr(raised.value)


async def test_an_answer_that_never_ends_is_given_up(client: httpx.AsyncClient) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while True:
                writer.write(b"1\r\n \r\n")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            pass
        finally:
            writer.close()
            hung_up.set()

    hung_up = asyncio.Event()
    async with await asyncio.start_server(drip, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SiteUnreachable):
            await HttpApi(client, NoLimit(), longest=0.2).get(f"http://127.0.0.1:{port}/", {})
        await hung_up.wait()


async def test_a_connection_that_breaks_off_is_unreachable(client: httpx.AsyncClient) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SiteUnreachable):
            await HttpApi(client, NoLimit()).get(f"http://127.0.0.1:{port}/", {})


@pytest.mark.parametrize(
    ("named", "seconds"), [("30", 30), ("99999999999", 7 * 86_400), ("soon", None), ("-1", None), ("", None)]
)
async def test_the_time_for_the_next_call_is_read_where_it_is_named(
    google: TinyGoogle, named: str, seconds: int | None
) -> None:
    google.fail("channels", Reply(429, {}, {"Retry-After": named}))
    async with open_api(NoLimit()) as api:
        answer = await api.get(url(google), QUERY, token="access-1")
    before, at, after = datetime.now(UTC), answer.retry_at, datetime.now(UTC)
    if seconds is None:
        assert at is None
    else:
        assert at is not None
        assert before + timedelta(seconds=seconds) <= at <= after + timedelta(seconds=seconds)
