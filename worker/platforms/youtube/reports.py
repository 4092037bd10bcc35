"""Reports of the Analytics API: what each asks for, and its rows as values of the domain. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from shared.domain.insights import DayFigure, Days, Share, Total
from shared.domain.metrics import Level, Metric, metrics_of
from shared.errors import UnexpectedAnswer
from shared.platforms.youtube import YOUTUBE
from worker.platforms.http_api import Json
from worker.platforms.json_fields import day as day_of
from worker.platforms.json_fields import items

DAILY: tuple[Metric, ...] = metrics_of(YOUTUBE.name, Level.ACCOUNT, daily=True)
"""The metrics of the daily report and of the totals."""
_BY_ID = {one.id: one for one in (*DAILY, *metrics_of(YOUTUBE.name, Level.AUDIENCE))}


@dataclass(frozen=True, slots=True)
class Breakdown:
    """One report about the audience: its dimensions and metrics, by our name."""

    name: str
    dimensions: tuple[str, ...]
    metrics: tuple[Metric, ...]
    sort: str | None = None


_ENGAGED = _BY_ID["engaged_views"]
# The order of a report about videos has to be one of its metrics.
_OF_VIDEOS = (_BY_ID["views"], _ENGAGED)
_WATCHED = (_BY_ID["views"], _BY_ID["watch_minutes"])
BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown("age_gender", ("ageGroup", "gender"), (_BY_ID["viewer_percent"],)),
    Breakdown("country", ("country",), _WATCHED, sort="-views"),
    Breakdown("subscribed", ("subscribedStatus",), _WATCHED),
    Breakdown("traffic", ("insightTrafficSourceType",), _WATCHED, sort="-views"),
    Breakdown("content_type", ("creatorContentType",), _WATCHED),
    Breakdown("content_type_traffic", ("creatorContentType", "insightTrafficSourceType"), _WATCHED, sort="-views"),
)


def groups(days: Days) -> list[list[Metric]]:
    """The metrics that YouTube keeps at the end of a range, by the groups in which they are asked for."""
    kept = [one for one in DAILY if one.is_kept(days.last)]
    return [[one for one in kept if one.group == name] for name in dict.fromkeys(one.group for one in kept)]


def query(
    days: Days, metrics: Sequence[Metric], dimensions: Sequence[str] = (), sort: str | None = None
) -> dict[str, str]:
    """The parameters of a report about the login's own channel."""
    asked = {
        "ids": "channel==MINE",
        "startDate": days.first.isoformat(),
        "endDate": days.last.isoformat(),
        "metrics": ",".join(one.field for one in metrics),
    }
    given = {"dimensions": ",".join(dimensions), "sort": sort or ""}
    return asked | {name: value for name, value in given.items() if value}


def video_query(days: Days, ids: Sequence[str], *, shorts: bool = False) -> dict[str, str]:
    """The parameters of a report about these videos, or about the Shorts among them.

    YouTube takes the type of a video as a filter in small letters, and not as a dimension beside the video.
    """
    wanted = f"video=={','.join(ids)}" + (";creatorContentType==shorts" if shorts else "")
    asked = query(days, _OF_VIDEOS, ("video",), "-views")
    return asked | {"filters": wanted, "maxResults": str(len(ids))}


def counts_of_videos(body: Json) -> dict[str, int]:
    """The engaged views of each video of a report."""
    found = {str(row.get("video")): _number(row.get(_ENGAGED.field)) for row in _rows(body)}
    return {video: int(count) for video, count in found.items() if count is not None}


def day_figures(body: Json, metrics: Sequence[Metric]) -> list[DayFigure]:
    """The days of a report; a cell without a number is no figure."""
    return [
        DayFigure(metric.id, day_of(row.get("day")), value)
        for row in _rows(body)
        for metric in metrics
        if (value := _number(row.get(metric.field))) is not None
    ]


def totals(body: Json, metrics: Sequence[Metric], days: Days) -> list[Total]:
    """The one row of a report without dimensions; nothing where there are no data."""
    return [
        Total(metric.id, days, value)
        for row in _rows(body)[:1]
        for metric in metrics
        if (value := _number(row.get(metric.field))) is not None
    ]


def shares(body: Json, breakdown: Breakdown) -> list[Share]:
    """The rows of a report about the audience. Raises UnexpectedAnswer where a dimension is missing."""
    return [
        Share(breakdown.name, _keys(row, breakdown.dimensions), metric.id, value)
        for row in _rows(body)
        for metric in breakdown.metrics
        if (value := _number(row.get(metric.field))) is not None
    ]


def _keys(row: Mapping[str, object], dimensions: Sequence[str]) -> tuple[str, ...]:
    keys = tuple(row.get(name) for name in dimensions)
    if not all(isinstance(key, str) and key for key in keys):
        raise UnexpectedAnswer("A row of YouTube's report lacks a dimension.")
    return tuple(str(key) for key in keys)


def _rows(body: Json) -> list[dict[str, object]]:
    """The rows by the names of their columns; an answer without rows has no data."""
    rows = body.get("rows") or []
    names = [one.get("name") for one in items(body, "columnHeaders")]
    if not isinstance(rows, list) or (rows and not names):
        raise UnexpectedAnswer("YouTube's report has no columns.")
    if any(not isinstance(row, list) or len(row) != len(names) for row in rows):
        raise UnexpectedAnswer("A row of YouTube's report does not fit its columns.")
    return [dict(zip(map(str, names), row, strict=True)) for row in rows]


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
