"""Pages of a list that were read before they were asked for, so that reading and keeping them go on side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from worker.platforms.instagram_web.site.scripts import Chain, Told

Read = Callable[[str | None, int], Awaitable[Chain]]
_PAGES = 20


class Ahead:
    """The pages behind the one that was asked for last, at most two chains of them. Used where no pace is set."""

    def __init__(self) -> None:
        self._path: str | None = None
        self._ready: dict[str | None, Told | None] = {}
        self._start: str | None = None
        self._reading: asyncio.Future[Chain] | None = None

    async def take(self, path: str, cursor: str | None, read: Read) -> Told | None:
        """The list's page at `cursor`, None when no answer came; raises what `read` raises."""
        if path != self._path:
            await self.stop()
            self._path = path
        if cursor not in self._ready:
            await self._fill(cursor, read)
        return self._ready.pop(cursor)

    async def stop(self) -> None:
        """Forgets what was read and ends what is being read."""
        self._ready.clear()
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _fill(self, cursor: str | None, read: Read) -> None:
        """Waits for the chain that begins at the cursor, and lets the one behind it begin."""
        reading = self._reading
        if reading is None or self._start != cursor:
            await self.stop()
            reading = self._begin(cursor, read)
        try:
            # Whoever asks may be ended while they wait; what was read is still there when they come back.
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
