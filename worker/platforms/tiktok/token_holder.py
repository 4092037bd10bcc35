"""The present token of an open source: exchanged when it ends soon, and stored before it is used."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from worker.platforms.base import SessionSecret, StoreSecret
from worker.platforms.tiktok.token import TikTokToken
from worker.platforms.tiktok.token_endpoint import TokenEndpoint


async def _nowhere(secret: SessionSecret) -> None:
    """Stores nothing: the caller keeps no token beyond its calls."""


class TokenHolder:
    """Exchanges the token once for all who wait. A refresh token works once, so the new one is stored at once."""

    def __init__(self, token: TikTokToken, endpoint: TokenEndpoint, store: StoreSecret = _nowhere) -> None:
        self.token = token
        self._endpoint, self._store = endpoint, store
        self._renewing = asyncio.Lock()

    def store_by(self, store: StoreSecret) -> None:
        """Takes what stores each new token from now on."""
        self._store = store

    async def access(self) -> str:
        """An access token that is good for a call; raises AccessRevoked where TikTok renews it no longer."""
        if self.token.ends_soon(datetime.now(UTC)):
            await self.renew(self.token.access_token)
        return self.token.access_token

    async def renew(self, refused: str) -> None:
        """Exchanges the token, unless that was done since `refused` was used."""
        async with self._renewing:
            if self.token.access_token != refused:
                return
            renewed = await self._endpoint.refresh(self.token)
            await self._store(renewed.to_secret())
            self.token = renewed
