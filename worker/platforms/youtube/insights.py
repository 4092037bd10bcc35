"""The reports about one channel: days, totals, audience; what YouTube refuses costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from shared.domain.insights import Audience, Days, Series, Share, Totals
from shared.domain.metrics import Metric
from shared.domain.social import Observation
from shared.errors import PermissionMissing, ReportRefused, UnexpectedAnswer
from shared.platforms.youtube import READ_ANALYTICS
from worker.platforms.http_api import Json
from worker.platforms.youtube import reports
from worker.platforms.youtube.client import YouTubeApi
from worker.platforms.youtube.reports import BREAKDOWNS

T = TypeVar("T")
Read = Callable[[Json, Sequence[Metric]], list[T]]


@dataclass(frozen=True, slots=True)
class _Question(Generic[T]):
    days: Days
    read: Read[T]
    dimensions: Sequence[str] = ()
    sort: str | None = None


@dataclass(slots=True)
class _Found(Generic[T]):
    figures: list[T] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChannelReports:
    """Asks for reports. Raises PermissionMissing, without a call, where the permission was not given."""

    api: YouTubeApi

    async def daily(self, days: Days) -> Observation[Series]:
        """The days of every declared metric, in one call for each group of them."""
        found = await self._of_metrics(_Question(days, reports.day_figures, ("day",), "day"))
        return Observation(Series(tuple(found.figures), frozenset(found.refused)), _given(found.at))

    async def totals(self, days: Days) -> Observation[Totals]:
        """The totals of every declared metric, in one call for each group of them."""
        found = await self._of_metrics(_Question(days, lambda body, asked: reports.totals(body, asked, days)))
        return Observation(Totals(tuple(found.figures), frozenset(found.refused)), _given(found.at))

    async def audience(self, days: Days) -> Observation[Audience]:
        """Each breakdown in a call of its own. Raises UnexpectedAnswer where every one is refused."""
        shares: list[Share] = []
        refused: set[str] = set()
        at: datetime | None = None
        for one in BREAKDOWNS:
            try:
                answer = await self._report(reports.query(days, one.metrics, one.dimensions, one.sort))
            except ReportRefused:
                refused.add(one.name)
                continue
            shares += reports.shares(answer.value, one)
            at = at or answer.observed_at
        return Observation(Audience(days, tuple(shares), frozenset(refused)), _given(at))

    async def of_videos(self, days: Days, ids: Sequence[str]) -> dict[str, int]:
        """The engaged views of these videos; one that has no figures yet is left out."""
        answer = await self._report(reports.video_query(days, ids))
        return reports.counts_of_videos(answer.value)

    async def shorts(self, days: Days, ids: Sequence[str]) -> frozenset[str]:
        """Those of these videos that are Shorts, as far as they have figures."""
        answer = await self._report(reports.video_query(days, ids, shorts=True))
        return frozenset(reports.counts_of_videos(answer.value))

    async def _of_metrics(self, ask: _Question[T]) -> _Found[T]:
        found = _Found[T]()
        for group in reports.groups(ask.days):
            await self._add(found, ask, group)
        return found

    async def _add(self, found: _Found[T], ask: _Question[T], metrics: Sequence[Metric]) -> None:
        """Asks for these metrics in one call, and for each alone where that one is refused."""
        try:
            answer = await self._report(reports.query(ask.days, metrics, ask.dimensions, ask.sort))
        except ReportRefused:
            if len(metrics) == 1:
                found.refused.add(metrics[0].id)
                return
            for metric in metrics:
                await self._add(found, ask, [metric])
            return
        found.figures += ask.read(answer.value, metrics)
        found.at = found.at or answer.observed_at

    async def _report(self, query: dict[str, str]) -> Observation[Json]:
        tokens = self.api.tokens
        if READ_ANALYTICS not in tokens.token.scopes:
            raise PermissionMissing
        try:
            return await self.api.report(query)
        except PermissionMissing:
            # The answer to a renewal names the scopes that are left.
            await tokens.renew(tokens.token.access_token)
            raise


def _given(at: datetime | None) -> datetime:
    """The time of the first answer; a profile to which everything is refused is asked for in a wrong way."""
    if at is None:
        raise UnexpectedAnswer("YouTube refuses every report.")
    return at
