"""The calls to the Display API: counted, with a token that has time left, and once more with a renewed one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.domain.social import Observation
from shared.errors import AccessRevoked, PermissionMissing
from shared.platforms.tiktok import CALLS
from worker.platforms.base import Cost
from worker.platforms.http_api import Answer, HttpApi, Json
from worker.platforms.tiktok.app import TikTokApp
from worker.platforms.tiktok.refusals import TokenRefused, data_or_raise, error_of
from worker.platforms.tiktok.token_holder import TokenHolder

_CALL = Cost(CALLS.name)


@dataclass(frozen=True, slots=True)
class TikTokApi:
    """The Display API with the token of one account. Errors as in `refusals`."""

    api: HttpApi
    app: TikTokApp
    tokens: TokenHolder

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that the token has now."""
        return self.tokens.token.scopes

    async def user(self, fields: Sequence[str]) -> Observation[Json]:
        """The account's own facts."""
        url, query = f"{self.app.api_url}/v2/user/info/", {"fields": ",".join(fields)}
        return await self._read(lambda token: self.api.get(url, query, token=token, cost=_CALL))

    async def videos(self, route: str, fields: Sequence[str], body: Json) -> Observation[Json]:
        """Videos, by the route `list` or `query`."""
        url, query = f"{self.app.api_url}/v2/video/{route}/", {"fields": ",".join(fields)}
        return await self._read(lambda token: self.api.post_json(url, query, body, token=token, cost=_CALL))

    async def _read(self, ask: Callable[[str], Awaitable[Answer]]) -> Observation[Json]:
        answer = await self._ask(ask)
        try:
            return Observation(data_or_raise(answer), answer.observed_at)
        except PermissionMissing:
            # The answer to a renewal names the scopes that are left.
            await self.tokens.renew(self.tokens.token.access_token)
            raise

    async def _ask(self, ask: Callable[[str], Awaitable[Answer]]) -> Answer:
        token = await self.tokens.access()
        answer = await ask(token)
        if not _is_refused(answer):
            return answer
        await self.tokens.renew(token)
        again = await ask(await self.tokens.access())
        if _is_refused(again):
            raise AccessRevoked
        return again


def _is_refused(answer: Answer) -> bool:
    """Whether the token is not accepted; a scope that is missing has the same status."""
    return answer.status == 401 and isinstance(error_of(answer), TokenRefused)
