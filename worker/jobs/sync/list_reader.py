"""Reads one list of a profile page by page over any endpoint that answers, and detects endpoints that stopped."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from shared.domain.social import Direction, EndpointId, Observation, PeoplePage, ProfileFacts
from shared.errors import ListUnreadable, UnexpectedAnswer, UnknownUser
from shared.store.followers import endpoints
from worker.jobs.base import JobContext
from worker.platforms.base import ReadsPeople

# A page must fail this often in a row, with the profile read in between, before its endpoint is blamed.
_TRIES = 3
_EMPTY_TRIES = 2


class EndpointFailed(Exception):
    """An endpoint does not answer although the session is alive; `reason` is the sentence of its last failure."""

    def __init__(self, endpoint: EndpointId, reason: str) -> None:
        self.endpoint, self.reason = endpoint, reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Opened:
    """The endpoint that a walk stays on, and its first page."""

    endpoint: EndpointId
    first: Observation[PeoplePage]


class ListReader:
    """Pages of one list by the platform's endpoints, in their `order`. `facts` is the last reading of the profile."""

    def __init__(
        self,
        ctx: JobContext,
        source: ReadsPeople,
        facts: ProfileFacts,
        direction: Direction,
        order: Collection[EndpointId],
    ) -> None:
        self.direction, self.facts = direction, facts
        self._ctx, self._source, self._order = ctx, source, order

    def reported_count(self) -> int | None:
        """The profile's own count of this list."""
        return self.facts.followers if self.direction is Direction.FOLLOWER else self.facts.following

    async def count(self) -> int | None:
        """The profile's own count, read now."""
        self.facts = (await self._source.profile(self.facts.username)).value
        return self.reported_count()

    async def open_list(self, of: endpoints.Owner, stopped: Mapping[EndpointId, str]) -> Opened:
        """The first endpoint, in order, that shows the list's first page; `stopped` are known not to answer.

        Endpoints before it that failed are disabled. A list that is empty on every endpoint although the profile counts
        people is returned as it came, without blaming an endpoint. Raises ListUnreadable when no endpoint answers.
        """
        failed, silent = dict(stopped), dict[EndpointId, Opened]()
        async with self._ctx.reading() as conn:
            disabled = await endpoints.disabled_ids(conn, of, self.direction)
        for endpoint in (one for one in self._order if one not in disabled and one not in stopped):
            try:
                reading = await self.page(endpoint, None)
            except EndpointFailed as stop:
                failed[endpoint] = stop.reason
                continue
            if self._is_silent(reading.value):
                silent[endpoint] = Opened(endpoint, reading)
                continue
            await self._disable(of, failed | {mute: self._nothing_shown() for mute in silent}, endpoint)
            return Opened(endpoint, reading)
        if silent:
            return next(iter(silent.values()))
        await self._disable(of, failed, None)
        raise ListUnreadable

    async def page(self, endpoint: EndpointId, cursor: str | None) -> Observation[PeoplePage]:
        """One page. Raises EndpointFailed after repeated refusals, and the source's other errors."""
        reason = ""
        for tried in range(1, _TRIES + 1):
            self._ctx.check()
            try:
                reading = await self._source.people(
                    self.direction, self.facts.platform_id, self.facts.username, cursor, endpoint
                )
            except (UnexpectedAnswer, UnknownUser) as error:
                reason = error.sentence
            else:
                if cursor is not None or not self._is_silent(reading.value) or tried >= _EMPTY_TRIES:
                    return reading
            if tried < _TRIES:
                # A dead session fails here, and a count of zero makes an empty list a true one.
                await self.count()
        raise EndpointFailed(endpoint, reason)

    def _is_silent(self, page: PeoplePage) -> bool:
        return not page.people and page.next_cursor is None and self.reported_count() != 0

    def _nothing_shown(self) -> str:
        return f"It shows no one although the profile reports {self.reported_count()}."

    async def _disable(self, of: endpoints.Owner, failed: Mapping[EndpointId, str], instead: EndpointId | None) -> None:
        if failed:
            self._ctx.log.warning(
                "endpoint_disabled", direction=self.direction, endpoints=sorted(failed), instead=instead
            )
            async with self._ctx.transaction() as conn:
                await endpoints.disable(conn, of, self.direction, failed, instead)
