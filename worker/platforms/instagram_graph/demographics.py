"""The audience of an account: followers, accounts engaged and accounts reached, each by every breakdown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.insights import Audience, Days, Share
from shared.domain.metrics import Level, Metric, metrics_of
from shared.domain.social import Observation
from shared.errors import PermissionMissing, ReportRefused, UnexpectedAnswer
from shared.platforms.instagram import INSTAGRAM
from worker.platforms.http_api import Json
from worker.platforms.instagram_graph import answers
from worker.platforms.instagram_graph.client import GraphApi

BREAKDOWNS = {
    "country": ("country",),
    "city": ("city",),
    "age": ("age",),
    "gender": ("gender",),
    "age_gender": ("age", "gender"),
}
ONLINE = "online_hour"
_AUDIENCE = metrics_of(INSTAGRAM.name, Level.AUDIENCE)
_ONLINE = "online"
# Followers are those of now; the others are asked for the last 30 days, which Instagram calls this month.
_OF_NOW, _TIME_FRAME = "followers", "this_month"
_LENGTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Demographics:
    """`path` leads to the insights of the account. `may_read` is whether the permission for them was given."""

    api: GraphApi
    path: str
    may_read: bool

    async def audience(self, days: Days) -> Observation[Audience]:
        """The audience of the 30 days up to the range's end. A breakdown that no metric is given by is refused.

        Raises PermissionMissing, without a call, without the permission; UnexpectedAnswer where all is refused.
        """
        if not self.may_read:
            raise PermissionMissing
        shares: list[Share] = []
        refused: set[str] = set()
        at: datetime | None = None
        for name in (*BREAKDOWNS, ONLINE):
            found = [answer async for answer in self._answers(name)]
            shares += [share for metric, answer in found for share in _shares(name, metric, answer.value)]
            at = at or next((answer.observed_at for _, answer in found), None)
            refused |= set() if found else {name}
        if at is None:
            raise UnexpectedAnswer("Instagram refuses the whole audience.")
        asked = Days(days.last - _LENGTH + timedelta(days=1), days.last)
        return Observation(Audience(asked, tuple(shares), frozenset(refused)), at)

    async def _answers(self, name: str) -> AsyncIterator[tuple[Metric, Observation[Json]]]:
        for metric in _AUDIENCE:
            if (metric.group == _ONLINE) is (name == ONLINE):
                try:
                    yield metric, await self.api.get(self.path, _query(name, metric))
                except ReportRefused:
                    continue


def _query(name: str, metric: Metric) -> dict[str, str]:
    asked = {"metric": metric.field, "period": "lifetime"}
    if metric.group == _ONLINE:
        return asked
    asked |= {"metric_type": "total_value", "breakdown": ",".join(BREAKDOWNS[name])}
    return asked if metric.group == _OF_NOW else asked | {"timeframe": _TIME_FRAME}


def _shares(name: str, metric: Metric, body: Json) -> Iterator[Share]:
    if name == ONLINE:
        online = answers.hours(body, metric.field)
        yield from (Share(ONLINE, (f"{hour:02}",), metric.id, value) for hour, value in online.items())
        return
    for keys, value in answers.parts(body, metric.field, BREAKDOWNS[name]):
        yield Share(name, keys, metric.id, value)
