"""``/insights`` of an account: totals of a window, daily series, and who the people are."""

from dataclasses import dataclass
from datetime import date

from flask import request

from sandbox.meta.apps import INSIGHTS, PAGE_INSIGHTS
from sandbox.meta.faults import FaultKind, Where
from sandbox.meta.graph.answers import Json, bad, no_permission, unknown
from sandbox.meta.hosts import Host
from sandbox.meta.oauth.grants import Token
from sandbox.meta.people import Account, AccountKind
from sandbox.meta.site import host, site

from .demographics import demographics
from .metrics import ACCOUNT, SERIES, TOTAL, Metric
from .series import series
from .totals import Results, breakdown_of, total_of
from .windows import Window, paging, window


@dataclass(frozen=True, slots=True)
class Query:
    """A query that the API takes."""

    names: tuple[str, ...]
    period: str
    type: str
    breakdowns: tuple[str, ...]


def account_insights(token: Token, account: Account) -> Json:
    """Return the figures; without the scope, and where there is nothing to say, the list is empty."""
    if account.kind is AccountKind.PERSONAL:
        raise no_permission()
    query, now = _query(), account.world.now
    stretch = window(now) if query.period != "lifetime" else None
    allowed = (INSIGHTS if host() is Host.INSTAGRAM else PAGE_INSIGHTS) in token.grant.scopes
    rows = [_row(account, name, query, stretch) for name in query.names if allowed and not _is_empty(name)]
    where: Json = {} if stretch is None else {"paging": paging(stretch)}
    return {"data": [row for row in rows if row is not None], **where}


def is_withheld(account: Account, name: str) -> bool:
    """Return whether Meta keeps a metric back because the account has too few followers."""
    return len(account.world.population.followers.members) < ACCOUNT[name].least


def _row(account: Account, name: str, query: Query, stretch: Window | None) -> Json | None:
    """Return a metric, None where there is no data."""
    if is_withheld(account, name):
        return None
    found = _figures(account, name, query, stretch)
    if found is None:
        return None
    about: Json = {"name": name, "period": query.period}
    more = {"title": ACCOUNT[name].title, "description": ACCOUNT[name].title}
    return {**about, **found, **more, "id": f"{account.id}/insights/{name}/{query.period}"}


def _figures(account: Account, name: str, query: Query, stretch: Window | None) -> Json | None:
    if stretch is None:
        if name == "online_followers":
            return {"values": series(account, name, query.period, [])}
        return demographics(account, name, query.breakdowns)
    days = [day for day in stretch.days(account.world.now) if account.was_professional_on(day)]
    if query.type == SERIES:
        values = series(account, name, query.period, days)
        return {"values": values} if values else None
    return _total(account, name, days, query.breakdowns)


def _total(account: Account, name: str, days: list[date], breakdowns: tuple[str, ...]) -> Json | None:
    value = total_of(account, name, days)
    if value is None:
        return None
    found: Json = {} if ACCOUNT[name].needs_breakdown else {"value": value}
    if breakdowns:
        found["breakdowns"] = [_breakdown(breakdowns, breakdown_of(account, name, days, breakdowns))]
    return {"total_value": found}


def _breakdown(dimensions: tuple[str, ...], results: Results) -> Json:
    rows = [{"dimension_values": list(key), "value": value} for key, value in results.items()]
    return {"dimension_keys": list(dimensions), "results": rows}


def _query() -> Query:
    """Return the query of the present request; raises GraphError."""
    names = tuple(filter(None, request.args.get("metric", "").split(",")))
    if not names:
        raise bad("The parameter metric is required.")
    for at, name in enumerate(names):
        retired = site().faults.take(FaultKind.METRIC_RETIRED, Where.INSIGHTS, name)
        if name not in ACCOUNT or retired:
            raise bad(f"metric[{at}] must be one of the following values: {', '.join(ACCOUNT)}")
    period = request.args.get("period", "")
    if not period:
        raise bad("The parameter period is required.")
    breakdowns = tuple(filter(None, request.args.get("breakdown", "").split(",")))
    kind = request.args.get("metric_type") or SERIES
    for name in names:
        _check(name, ACCOUNT[name], period, kind, breakdowns)
    return Query(names, period, kind, breakdowns)


def _check(name: str, metric: Metric, period: str, kind: str, breakdowns: tuple[str, ...]) -> None:
    if period not in metric.periods:
        raise bad(f"Incompatible metric {name} with period {period}")
    if kind not in metric.types:
        hint = "should be specified with parameter metric_type=total_value" if kind == SERIES else "has no total_value"
        raise bad(f"The following metrics ({name}) {hint}")
    if not frozenset(breakdowns) <= metric.breakdowns or (breakdowns and kind != TOTAL):
        raise unknown()
    if metric.needs_breakdown and not breakdowns:
        raise bad(f"The metric {name} needs the parameter breakdown")


def _is_empty(name: str) -> bool:
    return site().faults.take(FaultKind.METRIC_EMPTY, Where.INSIGHTS, name) is not None
