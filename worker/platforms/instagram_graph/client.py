"""The calls to the Graph API: counted, with the token of one account, and none while a limit is reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from shared.domain.social import Observation
from shared.errors import Throttled
from shared.platforms.meta import CALLS
from worker.platforms.base import Cost, RateLimiter
from worker.platforms.http_api import HttpApi, Json
from worker.platforms.instagram_graph import usage
from worker.platforms.instagram_graph.refusals import body_or_raise

_CALL = Cost(CALLS.name)


class GraphApi:
    """Asks below `base`, an address with its version. Errors as in `refusals`; both of Instagram's logins use it."""

    def __init__(self, api: HttpApi, base: str, token: str, limiter: RateLimiter) -> None:
        self._api, self._base, self._token, self._limiter = api, base, token, limiter
        self._free_at: datetime | None = None

    async def get(self, path: str, query: Mapping[str, str]) -> Observation[Json]:
        """The answer for a path. Raises Throttled, without a call, until the time that an earlier answer named."""
        if self._free_at is not None and self._free_at > datetime.now(UTC):
            raise Throttled(until=self._free_at)
        answer = await self._api.get(f"{self._base}/{path}", query, token=self._token, cost=_CALL)
        self._free_at = usage.free_at(answer.headers, datetime.now(UTC))
        return Observation(body_or_raise(answer), answer.observed_at)
