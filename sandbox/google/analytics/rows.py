"""The rows of a report, counted from the channel's days."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.world.channel.channel import Channel
from sandbox.world.channel.days import span
from sandbox.world.channel.figures import Figures, divide, total
from sandbox.world.channel.videos import Kind

from .freshness import counted_yet, last_day
from .query import Query

Cell = str | int | float
Row = list[Cell]
_DIVIDED = ("country", "insightTrafficSourceType", "deviceType", "subscribedStatus", "sharingService")
_VALUES: Mapping[str, Callable[[Figures], int | float]] = {
    "views": lambda figures: figures.views,
    "engagedViews": lambda figures: figures.engaged,
    "estimatedMinutesWatched": lambda figures: figures.minutes,
    "averageViewDuration": lambda figures: figures.average_seconds,
    "averageViewPercentage": lambda figures: figures.average_share,
    "likes": lambda figures: figures.likes,
    "comments": lambda figures: figures.comments,
    "shares": lambda figures: figures.shares,
    "subscribersGained": lambda figures: figures.gained,
    "subscribersLost": lambda figures: figures.lost,
}
_FLOATS = frozenset({"averageViewPercentage", "viewerPercentage"})
_LEAST_VIEWS = 500
"""Engaged views below which the viewers are not described."""


@dataclass(frozen=True, slots=True)
class Part:
    """Figures of a part of a day, with its place in each dimension."""

    labels: Mapping[str, str]
    kind: Kind | None
    figures: Figures


def columns(query: Query) -> list[dict[str, str]]:
    """Return the headers of the columns."""
    kinds = {name: "FLOAT" if name in _FLOATS else "INTEGER" for name in query.metrics}
    return [
        *({"name": name, "columnType": "DIMENSION", "dataType": "STRING"} for name in query.dimensions),
        *({"name": name, "columnType": "METRIC", "dataType": kind} for name, kind in kinds.items()),
    ]


def rows(channel: Channel, query: Query, lag_days: int) -> list[Row]:
    """Return the rows in their order, without the days that are not there yet."""
    count = _viewers if "viewerPercentage" in query.metrics else _rows
    made = count(channel, query, lag_days)
    names = (*query.dimensions, *query.metrics)
    for name in reversed(query.sort or query.dimensions):
        place = names.index(name.removeprefix("-"))
        made.sort(key=lambda row: row[place], reverse=name.startswith("-"))
    end = None if query.most is None else query.skipped + query.most
    return made[query.skipped : end]


def _rows(channel: Channel, query: Query, lag_days: int) -> list[Row]:
    found: dict[tuple[str, ...], list[Figures]] = {}
    for day in _days(channel, query, lag_days):
        for part in _parts(channel, query, day):
            key = tuple(part.labels[name] for name in query.dimensions)
            found.setdefault(key, []).append(counted_yet(part.figures, day, channel.now, lag_days))
    shows_all = set(query.dimensions) <= {"day", "month"}
    return [
        [*key, *(_VALUES[metric](figures) for metric in query.metrics)]
        for key, figures in ((key, total(parts)) for key, parts in found.items())
        if shows_all or figures != Figures()
    ]


def _days(channel: Channel, query: Query, lag_days: int) -> Iterator[date]:
    last = _end_of_month(query.last) if "month" in query.dimensions else query.last
    newest = min(last, last_day(query.metrics, channel.now, lag_days))
    return span(max(query.first, channel.first_day), newest)


def _end_of_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _parts(channel: Channel, query: Query, day: date) -> Iterator[Part]:
    """Yield the parts of a day that the query's dimensions and filters tell apart."""
    for part in _whole(channel, query, day):
        parts = [part]
        for name in _DIVIDED:
            if name in query.dimensions or name in query.filters:
                parts = [smaller for larger in parts for smaller in _divided(channel, day, name, larger)]
        yield from (part for part in parts if _is_wanted(part, query))


def _whole(channel: Channel, query: Query, day: date) -> Iterator[Part]:
    times = {"day": day.isoformat(), "month": day.isoformat()[:7]}
    if "video" in query.dimensions or "video" in query.filters:
        for video in channel.videos():
            if video.gone_at is None:
                labels = {**times, "video": video.id, "creatorContentType": video.kind.value}
                yield Part(labels, video.kind, video.on(day, channel.now))
        return
    for kind, figures in channel.by_kind(day).items():
        if kind is not None or set(query.dimensions) | set(query.filters) <= {"day", "month", "country"}:
            yield Part({**times, "creatorContentType": kind.value if kind else ""}, kind, figures)


def _divided(channel: Channel, day: date, name: str, part: Part) -> Iterator[Part]:
    weights = channel.audience.weights(name, part.kind or Kind.LONG)
    for label, figures in divide(part.figures, weights, channel.phase(day, name)).items():
        yield Part({**part.labels, name: label}, part.kind, figures)


def _is_wanted(part: Part, query: Query) -> bool:
    return all(part.labels[name] in values for name, values in query.filters.items())


def _viewers(channel: Channel, query: Query, lag_days: int) -> list[Row]:
    """Return the viewers' ages and genders; none where too few watched."""
    watched: dict[Kind | None, Figures] = {}
    for day in _days(channel, query, lag_days):
        for part in _parts(channel, query, day):
            watched[part.kind] = watched.get(part.kind, Figures()) + part.figures
    by_type = "creatorContentType" in query.dimensions
    groups = watched if by_type else {None: total(watched.values())}
    made: dict[tuple[str, ...], float] = {}
    for kind, figures in groups.items():
        if figures.engaged < _LEAST_VIEWS:
            continue
        for (age, gender), share in channel.audience.viewers(kind).items():
            labels = {"ageGroup": age, "gender": gender, "creatorContentType": kind.value if kind else ""}
            key = tuple(labels[name] for name in query.dimensions)
            made[key] = made.get(key, 0.0) + share
    return [[*key, round(share, 1)] for key, share in made.items()]
