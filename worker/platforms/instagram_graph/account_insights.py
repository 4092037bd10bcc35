"""The figures of an account: a series of days where there is one, else a total for each day and for a period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from shared.domain.insights import DayFigure, Days, Series, Total, Totals
from shared.domain.metrics import Level, Metric, metrics_of
from shared.domain.social import Observation
from shared.errors import MediaGone, PermissionMissing, UnexpectedAnswer
from shared.platforms.instagram import INSTAGRAM
from worker.platforms.http_api import Json
from worker.platforms.instagram_graph import answers, windows
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.instagram_graph.questions import Groups, name_of

_DAILY = metrics_of(INSTAGRAM.name, Level.ACCOUNT, daily=True)
# Live answers name the two parts in either way.
_FOLLOWS = {"FOLLOWER": "FOLLOWER", "FOLLOWS": "FOLLOWER", "NON_FOLLOWER": "NON_FOLLOWER", "UNFOLLOWS": "NON_FOLLOWER"}
_SERIES, _FLOW, _BY_FOLLOW_TYPE = "reach", "day", "follows"


@dataclass(slots=True)
class _Seen:
    """The figures found so far, and the time of the first answer."""

    days: list[DayFigure] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AccountInsights:
    """`path` leads to the insights of the account. `may_read` is whether the permission for them was given."""

    api: GraphApi
    path: str
    may_read: bool
    groups: Groups = field(default_factory=Groups)

    async def daily(self, days: Days) -> Observation[Series]:
        """The days of every declared metric. Raises PermissionMissing, without a call, without the permission.

        Only the reach comes as a series. Each other metric costs a call a day, which is made from the first day on that
        has a reach: before it there was no professional account.
        """
        self._check()
        seen = _Seen()
        for window in windows.parts(days):
            await self._add_series(seen, window)
            for day in self._with_reach(seen, window):
                await self._add_totals(seen, day)
        found = [*seen.days, *(DayFigure(one.metric, one.days.first, one.value) for one in seen.totals)]
        return Observation(Series(tuple(found), self._refused()), self._given(seen))

    async def totals(self, days: Days) -> Observation[Totals]:
        """Instagram's own totals of a range, of every metric that it gives them for."""
        self._check()
        seen = _Seen()
        await self._add_totals(seen, days, also=(_SERIES,))
        return Observation(Totals(tuple(seen.totals), self._refused()), self._given(seen))

    def _with_reach(self, seen: _Seen, window: Days) -> list[Days]:
        """The days of the window from the first one on that has a reach; all of them where the reach is refused."""
        known = [one.day for one in seen.days if _is_in(one.day, window)]
        first = window.first if _SERIES in self.groups.refused else min(known, default=None)
        return [] if first is None else list(windows.each(Days(first, window.last)))

    async def _add_series(self, seen: _Seen, days: Days) -> None:
        for metrics, answer in await self.groups.ask(_group(_SERIES, days), lambda names: self._ask(names, days, {})):
            for metric in metrics:
                found = answers.series(answer.value, metric.field)
                seen.days += [DayFigure(metric.id, day, value) for day, value in found if _is_in(day, days)]
            seen.at = seen.at or answer.observed_at

    async def _add_totals(self, seen: _Seen, days: Days, also: Sequence[str] = ()) -> None:
        for group in dict.fromkeys([*also, *(one.group for one in _DAILY if one.group != _SERIES)]):
            asked = {"metric_type": "total_value"}
            asked |= {"breakdown": "follow_type"} if group == _BY_FOLLOW_TYPE else {}
            for metrics, answer in await self._of_group(group, days, asked):
                seen.totals += [Total(id_, days, value) for id_, value in _totals(answer.value, metrics)]
                seen.at = seen.at or answer.observed_at

    async def _of_group(
        self, group: str, days: Days, asked: Mapping[str, str]
    ) -> list[tuple[Sequence[Metric], Observation[Json]]]:
        return await self.groups.ask(_group(group, days), lambda names: self._ask(names, days, asked))

    async def _ask(self, names: str, days: Days, asked: Mapping[str, str]) -> Observation[Json]:
        window = windows.query(days, self.api.now)
        try:
            return await self.api.get(self.path, {"metric": names, "period": "day", **asked, **window})
        except MediaGone:
            raise PermissionMissing().as_variant("refused") from None

    def _check(self) -> None:
        if not self.may_read:
            raise PermissionMissing

    def _refused(self) -> frozenset[str]:
        return frozenset(self.groups.refused)

    def _given(self, seen: _Seen) -> datetime:
        """The time of the first answer; an account to which everything is refused is asked for in a wrong way."""
        if seen.at is None and not self.groups.given:
            raise UnexpectedAnswer("Instagram refuses every figure of the account.")
        return seen.at or self.api.now


def _group(name: str, days: Days) -> list[Metric]:
    """The metrics of a group that Instagram kept at the end of the range."""
    return [one for one in _DAILY if one.group == name and one.is_kept(days.last)]


def _is_in(day: date, days: Days) -> bool:
    return days.first <= day <= days.last


def _totals(body: Json, metrics: Iterable[Metric]) -> list[tuple[str, Decimal]]:
    """The total of each metric by its id; those of a breakdown are told apart by its value."""
    found: list[tuple[str, Decimal]] = []
    for metric in metrics:
        wanted = metric.field.partition(".")[2]
        by_type = answers.parts(body, name_of(metric), ["follow_type"]) if wanted else ()
        values = [value for (kind,), value in by_type if _FOLLOWS.get(kind.upper()) == wanted]
        value = next(iter(values), None) if wanted else answers.total(body, metric.field)
        found += [] if value is None else [(metric.id, value)]
    return found
