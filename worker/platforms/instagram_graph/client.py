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
    """Asks below `base`, an address with its version. Errors as in `refusals`; both of Instagram's logins use it.

    `proof` is the token's `appsecret_proof`, which Facebook's host takes.
    """

    def __init__(self, api: HttpApi, base: str, token: str, limiter: RateLimiter, proof: str | None = None) -> None:
        self._api, self._base, self._token, self._limiter = api, base, token, limiter
        self._always = {} if proof is None else {"appsecret_proof": proof}
        self._free_at: datetime | None = None
        self._clock: datetime | None = None

    @property
    def now(self) -> datetime:
        """The platform's own time at its last answer; this machine's before the first one."""
        return self._clock or datetime.now(UTC)

    async def get(self, path: str, query: Mapping[str, str]) -> Observation[Json]:
        """The answer for a path. Raises Throttled, without a call, until the time that an earlier answer named."""
        if self._free_at is not None and self._free_at > datetime.now(UTC):
            raise Throttled(until=self._free_at)
        asked = {**query, **self._always}
        answer = await self._api.get(f"{self._base}/{path}", asked, token=self._token, cost=_CALL)
        now = datetime.now(UTC)
        self._free_at = usage.free_at(answer.headers, now)
        if (until := usage.low_until(answer.headers, now)) is not None:
            self._limiter.keep_rest(_CALL, until)
        body = body_or_raise(answer)
        self._clock = answer.observed_at
        return Observation(body, self._clock)
