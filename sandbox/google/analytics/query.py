"""A query of ``reports.query``, checked: names, dates, order and whether there is such a report."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import request

from sandbox.google.api.answers import ApiError
from sandbox.google.api.parameters import check_names
from sandbox.world.channel.videos import Kind

from .reports import DIMENSIONS, METRICS, MONETARY, MOST_FILTERED, MOST_VIDEOS, RANKED_BY, exists

_NAMES = ("ids", "startDate", "endDate", "metrics", "dimensions", "filters", "sort", "maxResults", "startIndex")
_MORE_NAMES = ("currency", "includeHistoricalChannelData")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_STATUSES = frozenset({"SUBSCRIBED", "UNSUBSCRIBED"})
_NOT_SUPPORTED = (
    "The query is not supported. Check the documentation at "
    "https://developers.google.com/youtube/analytics/v2/available_reports for supported queries."
)


@dataclass(frozen=True, slots=True)
class Query:
    """A query that the API supports."""

    ids: str
    first: date
    last: date
    dimensions: tuple[str, ...]
    metrics: tuple[str, ...]
    filters: Mapping[str, frozenset[str]]
    sort: tuple[str, ...]
    most: int | None
    skipped: int


def read_query() -> Query:
    """Return the query of the present request; raises ApiError."""
    check_names((*_NAMES, *_MORE_NAMES))
    query = Query(
        ids=_needed("ids"),
        first=_day("startDate"),
        last=_day("endDate"),
        metrics=_names("metrics", METRICS | MONETARY, _needed("metrics")),
        dimensions=_names("dimensions", DIMENSIONS, request.args.get("dimensions", "")),
        filters=_filters(request.args.get("filters", "")),
        sort=tuple(filter(None, request.args.get("sort", "").split(","))),
        most=_number("maxResults"),
        skipped=(_number("startIndex") or 1) - 1,
    )
    _check(query)
    return query


def not_supported() -> ApiError:
    """Return the refusal of a combination that is no report."""
    return bad(_NOT_SUPPORTED)


def bad(message: str) -> ApiError:
    """Return a 400."""
    return ApiError(400, "badRequest", message, "global", rpc="INVALID_ARGUMENT")


def _check(query: Query) -> None:
    if query.first > query.last:
        raise bad(f"Invalid value '{query.last}' for field parameters.end_date: it lies before the start date.")
    if "month" in query.dimensions and (query.first.day, query.last.day) != (1, 1):
        raise bad("With the dimension month both dates are the first day of a month.")
    if frozenset(query.metrics) & MONETARY:
        raise ApiError(403, "forbidden", "Forbidden", rpc="PERMISSION_DENIED")
    if not exists(query.dimensions, query.metrics, query.filters):
        raise not_supported()
    columns = frozenset(query.dimensions) | frozenset(query.metrics)
    if not {name.removeprefix("-") for name in query.sort} <= columns:
        raise not_supported()
    if "video" in query.dimensions:
        _check_ranking(query)


def _check_ranking(query: Query) -> None:
    """Refuse a list of videos without an end or an order; videos that are named need neither."""
    if query.most is not None and query.most > MOST_VIDEOS:
        raise not_supported()
    named = "video" in query.filters
    ranked = all(name.startswith("-") and name[1:] in RANKED_BY for name in query.sort)
    if not ranked or (not named and not (query.sort and query.most)):
        raise not_supported()


def _names(parameter: str, known: frozenset[str], text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    for name in names:
        if name not in known:
            raise bad(f"Unknown identifier ({name}) given in field parameters.{parameter}.")
    if len(set(names)) < len(names):
        raise bad(f"A value is given twice in field parameters.{parameter}.")
    return names


def _filters(text: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for part in filter(None, text.split(";")):
        name, equals, values = part.partition("==")
        if not equals or not values or name in found:
            raise bad(f"Invalid value '{part}' found in field parameters.filters.")
        if name not in DIMENSIONS:
            raise bad(f"Unknown identifier ({name}) given in field parameters.filters.")
        found[name] = frozenset(values.split(","))
        _check_values(name, found[name])
    return found


def _check_values(name: str, values: frozenset[str]) -> None:
    """Refuse a value that the dimension cannot have, also when only its letters' case is wrong."""
    allowed = {"creatorContentType": frozenset(Kind) | {"liveStream", "story"}, "subscribedStatus": _STATUSES}
    if name in allowed and not values <= allowed[name]:
        raise bad(f"Invalid value '{','.join(sorted(values))}' found in field parameters.filters.")
    if name == "country" and not all(re.fullmatch(r"[A-Z]{2}", value) for value in values):
        raise bad(f"Invalid value '{','.join(sorted(values))}' found in field parameters.filters.")
    if name == "video" and len(values) > MOST_FILTERED:
        raise bad("Too many values found in field parameters.filters.")


def _day(name: str) -> date:
    text = _needed(name)
    try:
        if not _DATE.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError:
        raise bad(f"Invalid value '{text}'. Values must match the following regular expression: date") from None


def _number(name: str) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise bad(f"Invalid value '{text}' given in field parameters.{name}.")
    return int(text)


def _needed(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        raise ApiError(400, "required", f"Required parameter: {name}", "global", name, "parameter")
    return value
