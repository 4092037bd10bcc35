"""A thin client for official interfaces: JSON over HTTPS with hard limits on time and size, and typed errors.

Connecting may take 10 seconds, a whole answer 30, and a body has at most 10 MB.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from shared.errors import SiteUnreachable, UnexpectedAnswer
from worker.platforms.base import Cost, RateLimiter

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
LARGEST_BODY = 10_000_000
_LONGEST_WAIT = 7 * 86_400
Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; `body` is its JSON object, None where it is anything else."""

    status: int
    body: Json | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def observed_at(self) -> datetime:
        """The platform's own clock. Raises UnexpectedAnswer without a readable Date header."""
        stamp = _moment(self.headers.get("date", ""))
        if stamp is None:
            raise UnexpectedAnswer("The answer lacks the `Date` header.")
        return stamp

    @property
    def retry_at(self) -> datetime | None:
        """The platform's time for the next call; None when it names none."""
        named = self.headers.get("retry-after", "")
        if named.isascii() and named.isdecimal():
            return datetime.now(UTC) + timedelta(seconds=min(int(named), _LONGEST_WAIT))
        return _moment(named)


@asynccontextmanager
async def open_api(limiter: RateLimiter) -> AsyncIterator[HttpApi]:
    """A client whose connections are closed at the end; each call passes the rate limiter."""
    async with httpx.AsyncClient(timeout=httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS)) as client:
        yield HttpApi(client, limiter)


class HttpApi:
    """Makes calls. It follows no redirect, and no error holds an address or a header."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        limiter: RateLimiter,
        *,
        longest: float = ANSWER_SECONDS,
        largest: int = LARGEST_BODY,
    ) -> None:
        self._client, self._limiter, self._longest, self._largest = client, limiter, longest, largest

    async def get(
        self, url: str, query: Mapping[str, str], *, token: str | None = None, cost: Cost | None = None
    ) -> Answer:
        """Counts the call and makes it. Raises SiteUnreachable, UnexpectedAnswer, or what the rate limiter raises."""
        return await self._send("GET", url, token, cost, params=query)

    async def post_form(self, url: str, form: Mapping[str, str]) -> Answer:
        """As `get`, with a form as the body and without a cost."""
        return await self._send("POST", url, None, None, data=form)

    async def delete(self, url: str, query: Mapping[str, str], *, token: str | None = None) -> Answer:
        """As `get`, to end something, without a cost."""
        return await self._send("DELETE", url, token, None, params=query)

    async def post_json(
        self, url: str, query: Mapping[str, str], body: Json, *, token: str | None = None, cost: Cost | None = None
    ) -> Answer:
        """As `get`, with a JSON object as the body."""
        return await self._send("POST", url, token, cost, params=query, body=body)

    async def _send(
        self,
        method: str,
        url: str,
        token: str | None,
        cost: Cost | None,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        body: Json | None = None,
    ) -> Answer:
        await self._limiter.acquire(cost)
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            async with (
                asyncio.timeout(self._longest),
                self._client.stream(method, url, params=params, data=data, json=body, headers=headers) as response,
            ):
                text = await self._read(response)
        except (TimeoutError, httpx.HTTPError):
            raise SiteUnreachable from None
        return Answer(response.status_code, _parse(text), {**response.headers})

    async def _read(self, response: httpx.Response) -> bytes:
        parts, size = [], 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > self._largest:
                raise UnexpectedAnswer("The answer is larger than any that Rollcall knows.")
            parts.append(part)
        return b"".join(parts)


def _parse(text: bytes) -> Json | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _moment(text: str) -> datetime | None:
    try:
        stamp = parsedate_to_datetime(text)
    except ValueError:
        return None
    return stamp.replace(tzinfo=UTC) if stamp.tzinfo is None else stamp.astimezone(UTC)
