"""The worker's own authenticator: makes codes from a stored secret, and no code twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pyotp

_WINDOW_SECONDS = 30


class Authenticator:
    """Codes of one base32 secret. A code is valid for half a minute; after one was used, the next one is awaited."""

    def __init__(
        self,
        secret: str,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._totp = pyotp.TOTP(secret)
        self._clock, self._sleep = clock, sleep
        self._used = -1

    async def code(self) -> str:
        """Six digits (RFC 6238) of a half minute without an earlier code."""
        while (window := int(self._clock()) // _WINDOW_SECONDS) <= self._used:
            await self._sleep((window + 1) * _WINDOW_SECONDS - self._clock())
        self._used = window
        return self._totp.at(window * _WINDOW_SECONDS)
