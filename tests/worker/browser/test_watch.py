"""A browser's life ends the work that waits for it, and troubles none that has ended already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from playwright.async_api import Browser

from shared.errors import BrowserFailed
from worker.browser import watch
from worker.browser.watch import Life


class Connected:
    """A browser that is connected until its life is ended by hand."""

    def on(self, event: str, handler: Callable[..., None]) -> None: ...

    def is_connected(self) -> bool:
        return True


def life() -> Life:
    return Life(cast(Browser, Connected()))


async def test_work_that_waits_ends_some_time_after_its_browser_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_GRACE", 0.01)
    ours = life()

    async def wait() -> None:
        async with ours.lasting():
            ours.end()
            await asyncio.Event().wait()

    with pytest.raises(BrowserFailed):
        await wait()


async def test_a_death_in_the_moment_when_the_work_ends_is_no_error() -> None:
    problems: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, problem: problems.append(problem))
    ours = life()
    async with ours.lasting():
        ours.end()
    await asyncio.sleep(0.01)
    assert ours.is_over
    assert problems == []
