"""The calls to YouTube's interfaces: counted, with a token that has time left, and once more with a renewed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.social import Observation
from shared.errors import AccessRevoked, QuotaSpent, ReportRefused, UnexpectedAnswer
from shared.platforms.youtube import ANALYTICS, DATA
from worker.platforms.base import Cost, RateLimiter
from worker.platforms.http_api import Answer, HttpApi, Json
from worker.platforms.youtube.app import GoogleApp
from worker.platforms.youtube.refusals import TokenRefused, body_or_raise, error_of, quota_begins_again
from worker.platforms.youtube.token import TokenHolder

_DATA, _ANALYTICS = Cost(DATA.name), Cost(ANALYTICS.name)


@dataclass(frozen=True, slots=True)
class YouTubeApi:
    """The Data API and the Analytics API with the token of one login. Errors as in `refusals`."""

    api: HttpApi
    app: GoogleApp
    tokens: TokenHolder
    limiter: RateLimiter

    async def data(self, resource: str, query: Mapping[str, str]) -> Observation[Json]:
        """A list of the Data API, such as `channels`; each costs one unit."""
        try:
            return await self._read(f"{self.app.api_url}/youtube/v3/{resource}", query, _DATA)
        except ReportRefused:
            raise UnexpectedAnswer("YouTube refuses a call that Rollcall makes of every channel.") from None

    async def report(self, query: Mapping[str, str]) -> Observation[Json]:
        """A report of the Analytics API."""
        return await self._read(f"{self.app.analytics_url}/v2/reports", query, _ANALYTICS)

    async def _read(self, url: str, query: Mapping[str, str], cost: Cost) -> Observation[Json]:
        answer = await self._ask(url, query, cost)
        try:
            return Observation(body_or_raise(answer), answer.observed_at)
        except QuotaSpent as error:
            await self.limiter.mark_spent(cost, quota_begins_again(datetime.now(UTC)))
            raise error.of_quota(cost.quota) from None

    async def _ask(self, url: str, query: Mapping[str, str], cost: Cost) -> Answer:
        token = await self.tokens.access()
        answer = await self.api.get(url, query, token=token, cost=cost)
        if not _is_refused(answer):
            return answer
        await self.tokens.renew(token)
        again = await self.api.get(url, query, token=await self.tokens.access(), cost=cost)
        if _is_refused(again):
            raise AccessRevoked
        return again


def _is_refused(answer: Answer) -> bool:
    """Whether the token is not accepted; other refusals of a login have reasons of their own."""
    return answer.status == 401 and isinstance(error_of(answer), TokenRefused)
