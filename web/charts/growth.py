"""The growth charts as Vega-Lite specifications: followers over time, and who came and who left below it.

A specification is built once by Altair, which is imported at the first chart only because an idle process should stay
small; each page fills in its rows. Colours are named styles that `static/charts.js` takes from the page's theme.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from shared.domain.periods import Step
from shared.store.overview import Point
from web.formats import plain_day

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]
_TITLES: dict[Step, str] = {"day": "Day", "week": "Week from", "month": "Month from"}
_AXIS_DATES: dict[Step, str] = {"day": "%-d %b", "week": "%-d %b", "month": "%b %Y"}
_GAP = 0.12
_TICKS = 6


def followers(points: Sequence[Point], step: Step) -> Spec:
    """The platform's counter, as last seen in each step; steps that were not read are no points of the line."""
    rows = [
        {"name": plain_day(point.day), "at": _at(point.day, step, 0.5), "followers": point.followers}
        for point in points
        if point.followers is not None
    ]
    return _filled(_followers(step, _is_short(points)), rows, points, step)


def changes(points: Sequence[Point], step: Step) -> Spec:
    """Bars above zero for who came, below it for who left; a step without a reading has none."""
    gained = [_bar(point.day, step, "Gained", point.gained, 1) for point in points if point.gained is not None]
    lost = [_bar(point.day, step, "Lost", point.lost, -1) for point in points if point.lost is not None]
    return _filled(_changes(step, _is_short(points)), gained + lost, points, step)


def _bar(day: date, step: Step, change: str, people: int, sign: int) -> Spec:
    return {
        "name": plain_day(day),
        "from": _at(day, step, _GAP),
        "to": _at(day, step, 1 - _GAP),
        "change": change,
        "people": people,
        "height": sign * people,
    }


def _at(day: date, step: Step, part: float) -> int:
    """The moment when `part` of the step that begins with this day is over, in milliseconds."""
    length = timedelta(days={"day": 1, "week": 7, "month": monthrange(day.year, day.month)[1]}[step])
    moment = datetime.combine(day, time.min, tzinfo=UTC) + length * part
    return round(moment.timestamp() * 1000)


def _filled(template: Spec, rows: list[Spec], points: Sequence[Point], step: Step) -> Spec:
    """Both charts of a page share one stretch of time, so that they can be read against each other."""
    ends = [_at(points[0].day, step, 0), _at(points[-1].day, step, 1)] if points else []
    return {**template, "datasets": {"points": rows, "stretch": [{"at": end} for end in ends]}}


@cache
def _followers(step: Step, short: bool) -> Spec:
    import altair as alt

    chart = alt.Chart(alt.NamedData("points"))
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=_dates(step, short))
    y = alt.Y("followers:Q", title=None, scale=alt.Scale(zero=False), axis=_people(5, ",d"))
    tips = [_day_tip(step), alt.Tooltip("followers:Q", title="Followers", format=",")]
    line = chart.mark_line(style="followers").encode(x=x, y=y)
    dots = chart.mark_point(style="followers-dot").encode(x=x, y=y, tooltip=tips)
    return _finished(alt.layer(_stretch(step, short), line, dots), 240, "Followers over time")


@cache
def _changes(step: Step, short: bool) -> Spec:
    import altair as alt

    chart = alt.Chart(alt.NamedData("points"))
    x = alt.X("from:T", title=None, scale=alt.Scale(type="utc"), axis=_dates(step, short))
    y = alt.Y("height:Q", title=None, axis=_people(4, "~s"))
    tips = [_day_tip(step), alt.Tooltip("change:N", title="What"), alt.Tooltip("people:Q", title="People", format=",")]
    bars = [
        chart.mark_rect(style=style)
        .transform_filter(alt.FieldEqualPredicate(field="change", equal=style.capitalize()))
        .encode(x=x, x2="to:T", y=y, y2=alt.datum(0), tooltip=tips)
        for style in ("gained", "lost")
    ]
    return _finished(alt.layer(_stretch(step, short), *bars), 150, "Followers gained and lost")


def _stretch(step: Step, short: bool) -> alt.Chart:
    """Marks nobody sees, which hold the axis to the whole stretch."""
    import altair as alt

    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=_dates(step, short))
    made: alt.Chart = alt.Chart(alt.NamedData("stretch")).mark_point(opacity=0, aria=False).encode(x=x)
    return made


def _dates(step: Step, short: bool) -> alt.Axis:
    import altair as alt

    # Over a few steps Vega would also set ticks inside them and so say the same date twice.
    ticks = alt.TimeIntervalStep(interval=step, step=1) if short else _TICKS
    return alt.Axis(format=_AXIS_DATES[step], labelOverlap=True, tickCount=ticks)


def _people(ticks: int, numbers: str) -> alt.Axis:
    import altair as alt

    # Where few people came or left, ticks stand between them: nobody is half a person.
    return alt.Axis(tickCount=ticks, tickMinStep=1, format=numbers, labelExpr="datum.value % 1 ? '' : datum.label")


def _is_short(points: Sequence[Point]) -> bool:
    return len(points) <= _TICKS


def _day_tip(step: Step) -> alt.Tooltip:
    import altair as alt

    return alt.Tooltip("name:N", title=_TITLES[step])


def _finished(chart: alt.LayerChart | alt.FacetChart, height: int, description: str) -> Spec:
    made: Spec = chart.properties(width="container", height=height, description=description).to_dict()
    made["autosize"] = {"type": "fit-x", "contains": "padding"}
    # The page brings its own look and its own version of Vega-Lite.
    return {name: value for name, value in made.items() if name not in ("config", "$schema")}
