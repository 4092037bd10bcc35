"""Stores the pages of a walk while the next ones are read; pages that gather in between are committed together."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType

from shared.domain.social import Observation, PeoplePage
from shared.domain.traversal.list_walk import ListWalk
from shared.errors import LeaseLost
from shared.store.followers import runs
from shared.store.followers.runs import PagesLost, Run, StagedPage
from worker.jobs.base import JobContext

# At a human pace each page is committed before the next one comes; they gather only with a fast site.
_MOST = 40


class PageWriter:
    """An open writer: `add` each page after the walk was fed with it. Pages and the cursor behind them are one commit.

    The end of the block stores the rest, also after an interruption, unless the lease or earlier pages are lost.
    """

    def __init__(self, ctx: JobContext, run: Run, walk: ListWalk) -> None:
        self._ctx, self._run, self._walk = ctx, run, walk
        self._waiting: list[StagedPage] = []
        self._keeping: asyncio.Task[None] | None = None

    async def __aenter__(self) -> PageWriter:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, LeaseLost | PagesLost | asyncio.CancelledError):
            await self._give_up()
            return
        await self._settle()
        if self._waiting:
            self._start()
            await self._settle()

    async def add(self, reading: Observation[PeoplePage]) -> None:
        """Takes the page that the walk was just fed; raises the error of storing earlier pages."""
        self._waiting.append(StagedPage(self._walk.pages - 1, reading.value.people, reading.observed_at))
        if self._keeping is None or self._keeping.done() or len(self._waiting) >= _MOST:
            await self._settle()
            self._start()

    def _start(self) -> None:
        pages, self._waiting = self._waiting, []
        cursor, seen = self._walk.to_json(datetime.now(UTC)), self._walk.seen
        self._keeping = asyncio.create_task(self._keep(pages, cursor, seen))

    async def _keep(self, pages: list[StagedPage], cursor: dict[str, object], seen: int) -> None:
        async with self._ctx.transaction() as conn:
            await runs.stage_pages(conn, self._run, pages, seen=seen)
            await self._ctx.save_cursor(conn, cursor, sum(len(page.people) for page in pages))

    async def _settle(self) -> None:
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            await keeping

    async def _give_up(self) -> None:
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.cancel()
            with suppress(LeaseLost, PagesLost, asyncio.CancelledError):
                await keeping
