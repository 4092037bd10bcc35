"""Reads pages of a list ahead, so that reading and storing them run at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from worker.platforms.instagram_web.site.scripts import Chain, RawAnswer

Read = Callable[[str | None, int], Awaitable[Chain]]
_PAGES = 20


class Ahead:
    """The pages after the last requested one, at most two chains of them. Used where no pace is set."""

    def __init__(self) -> None:
        self._path: str | None = None
        self._ready: dict[str | None, RawAnswer | None] = {}
        self._start: str | None = None
        self._reading: asyncio.Future[Chain] | None = None

    async def take(self, path: str, cursor: str | None, read: Read) -> RawAnswer | None:
        """The list's page at `cursor`, None when no answer came; raises what `read` raises."""
        if path != self._path:
            await self.stop()
            self._path = path
        if cursor not in self._ready:
            await self._fill(cursor, read)
        return self._ready.pop(cursor)

    async def stop(self) -> None:
        """Forgets prefetched pages and ends pending reads."""
        self._ready.clear()
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _fill(self, cursor: str | None, read: Read) -> None:
        """Waits for the chain at the cursor, and starts the next one."""
        reading = self._reading
        if reading is None or self._start != cursor:
            await self.stop()
            reading = self._begin(cursor, read)
        try:
            # A waiting caller may be cancelled; prefetched pages are still there when it returns.
            links, further = await asyncio.shield(reading)
        finally:
            if reading.done():
                self._reading = None
        self._ready = dict(links)
        if further is not None:
            self._begin(further, read)

    def _begin(self, cursor: str | None, read: Read) -> asyncio.Future[Chain]:
        self._start, self._reading = cursor, asyncio.ensure_future(read(cursor, _PAGES))
        return self._reading
