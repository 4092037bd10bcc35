"""Reading ahead: every page once and in order, from any cursor, and a failure is not remembered."""

import asyncio

import pytest

from worker.platforms.instagram_web.site.prefetch import Ahead
from worker.platforms.instagram_web.site.scripts import Chain, Link


class List:
    """A list of `length` pages whose cursors are their numbers; the first page's is None."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.read_pages: list[int] = []
        self.failures = 0
        self.held: asyncio.Event | None = None

    async def read(self, cursor: str | None, pages: int) -> Chain:
        if self.held is not None:
            await self.held.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        start = int(cursor or 0)
        end = min(start + pages, self.length)
        self.read_pages += range(start, end)
        links: list[Link] = [(str(n) if n else None, (200, f"page {n}", {}, None)) for n in range(start, end)]
        return links, str(end) if end < self.length else None


async def take(ahead: Ahead, source: List, number: int, path: str = "/a") -> str:
    told = await ahead.take(path, str(number) if number else None, source.read)
    assert told is not None
    return told[1]


@pytest.mark.parametrize("length", [1, 19, 20, 21, 100])
async def test_a_walk_reads_every_page_once_and_in_order(length: int) -> None:
    ahead, source = Ahead(), List(length)
    assert [await take(ahead, source, n) for n in range(length)] == [f"page {n}" for n in range(length)]
    assert source.read_pages == list(range(length))
    await ahead.stop()


async def test_a_walk_may_begin_and_go_back_anywhere() -> None:
    ahead, source = Ahead(), List(60)
    assert [await take(ahead, source, n) for n in (37, 38, 5, 6, 38)] == [f"page {n}" for n in (37, 38, 5, 6, 38)]
    await ahead.stop()


async def test_another_list_begins_afresh() -> None:
    ahead, one, other = Ahead(), List(30), List(30)
    await take(ahead, one, 0)
    assert await take(ahead, other, 1, "/b") == "page 1"
    assert other.read_pages[0] == 1
    await ahead.stop()


async def test_a_failure_is_raised_once_and_then_tried_afresh() -> None:
    ahead, source = Ahead(), List(3)
    source.failures = 1
    with pytest.raises(ConnectionError):
        await take(ahead, source, 0)
    assert await take(ahead, source, 0) == "page 0"


async def test_who_is_ended_while_waiting_finds_the_page_when_they_come_back() -> None:
    ahead, source = Ahead(), List(3)
    source.held = asyncio.Event()
    waiting = asyncio.create_task(take(ahead, source, 0))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    source.held.set()
    assert await take(ahead, source, 0) == "page 0"
    assert source.read_pages == [0, 1, 2]


async def test_stopping_ends_what_is_being_read() -> None:
    ahead, source = Ahead(), List(100)
    await take(ahead, source, 0)
    source.held = asyncio.Event()
    await ahead.stop()
    assert len(asyncio.all_tasks()) <= 2
