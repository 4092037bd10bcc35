"""The reports about one channel: days, totals, audience; what YouTube refuses costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from shared.domain.insights import Audience, Days, Series, Share, Totals
from shared.domain.metrics import Metric
from shared.domain.social import Observation
from shared.errors import PermissionMissing, ReportRefused, UnexpectedAnswer
from shared.platforms.youtube import READ_ANALYTICS
from worker.platforms.http_api import Json
from worker.platforms.youtube import reports
from worker.platforms.youtube.client import YouTubeApi
from worker.platforms.youtube.reports import BREAKDOWNS, DAILY

T = TypeVar("T")
Read = Callable[[Json, Sequence[Metric]], list[T]]


@dataclass(frozen=True, slots=True)
class ChannelReports:
    """Asks for reports. Raises PermissionMissing, without a call, where the permission was not given."""

    api: YouTubeApi

    async def daily(self, days: Days) -> Observation[Series]:
        """The days of every declared metric, in one call; metric by metric where that one is refused."""
        figures, refused, at = await self._of_metrics(days, reports.day_figures, ("day",), "day")
        return Observation(Series(tuple(figures), refused), at)

    async def totals(self, days: Days) -> Observation[Totals]:
        """The totals of every declared metric, in one call; metric by metric where that one is refused."""
        figures, refused, at = await self._of_metrics(days, lambda body, asked: reports.totals(body, asked, days))
        return Observation(Totals(tuple(figures), refused), at)

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

    async def _of_metrics(
        self, days: Days, read: Read[T], dimensions: Sequence[str] = (), sort: str | None = None
    ) -> tuple[list[T], frozenset[str], datetime]:
        try:
            answer = await self._report(reports.query(days, DAILY, dimensions, sort))
            return read(answer.value, DAILY), frozenset(), answer.observed_at
        except ReportRefused:
            return await self._one_by_one(days, read, dimensions, sort)

    async def _one_by_one(
        self, days: Days, read: Read[T], dimensions: Sequence[str], sort: str | None
    ) -> tuple[list[T], frozenset[str], datetime]:
        figures: list[T] = []
        refused: set[str] = set()
        at: datetime | None = None
        for metric in DAILY:
            try:
                answer = await self._report(reports.query(days, [metric], dimensions, sort))
            except ReportRefused:
                refused.add(metric.id)
                continue
            figures += read(answer.value, [metric])
            at = at or answer.observed_at
        return figures, frozenset(refused), _given(at)

    async def _report(self, query: dict[str, str]) -> Observation[Json]:
        if READ_ANALYTICS not in self.api.tokens.token.scopes:
            raise PermissionMissing
        return await self.api.report(query)


def _given(at: datetime | None) -> datetime:
    """The time of the first answer; a profile to which everything is refused is asked for in a wrong way."""
    if at is None:
        raise UnexpectedAnswer("YouTube refuses every report.")
    return at
