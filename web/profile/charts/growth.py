"""The growth charts as Vega-Lite specifications: followers over time, and gained and lost followers below it.

Colours are named styles that `static/charts.js` takes from the page's theme.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from shared.domain.periods import Step
from shared.messages import Message
from shared.store.profiles.overview import Came, Counter, Point
from web.profile.charts.frame import Spec, dates, finish, label_axis, labels, moment_of, numbers, stretch
from web.text.numbers import plain_day
from web.translation import _, language, ngettext

if TYPE_CHECKING:
    import altair as alt

_TITLES: dict[Step, Message] = {"day": Message("Day"), "week": Message("Week from"), "month": Message("Month from")}
_GAP = 0.12
_PARTIAL_OPACITY = 0.35


def followers(points: Sequence[Point], step: Step) -> Spec:
    """The platform's counter at the end of each step; steps without a reading are no points of the line."""
    rows = [
        {"at": moment_of(point.day, step, 0.5), "followers": point.followers}
        for point in points
        if point.followers is not None
    ]
    return _filled(_followers(step, language()), rows, points, step)


def came(rows: Sequence[Came], step: Step) -> Spec:
    """The number of present followers who had come by each step, as a data download dates them."""
    line = [{"at": moment_of(row.day, step, 0.5), "followers": row.total} for row in rows]
    steps = [
        {
            "name": plain_day(row.day),
            "begin": moment_of(row.day, step, 0),
            "end": moment_of(row.day, step, 1),
            "came": _number(row.people),
            "total": _number(row.total),
        }
        for row in rows
    ]
    days = [Point(row.day, row.total, None, None, 0) for row in rows]
    made = _filled(_came(step, language()), line, days, step)
    return {**made, "datasets": {**made["datasets"], "steps": steps}}


def changes(points: Sequence[Point], step: Step) -> Spec:
    """Bars above zero for gained followers, below it for lost ones; a step without a reading has none.

    Bars of a step with a partial list are pale, because a partial list may hide gained followers and shows no loss; so
    are those of a week or month that lies in the period only in part.
    """
    gained = [_bar(point, step, "Gained", point.gained, 1) for point in points if point.gained is not None]
    lost = [_bar(point, step, "Lost", point.lost, -1) for point in points if point.lost is not None]
    return _filled(_changes(step, language()), gained + lost, points, step)


def summary(points: Sequence[Point], counter: Counter = Counter.PLATFORM) -> str:
    """Returns one sentence with the contents of both charts, for readers who do not see them."""
    counted = [(point.day, point.followers) for point in points if point.followers is not None]
    if not counted:
        return _("No sync read a follower count in this period.")
    gained = [point.gained for point in points if point.gained is not None]
    lost = [point.lost for point in points if point.lost is not None]
    if not gained:
        return _course(counted, counter)
    if not lost:
        changes = _("%(gained)s gained.", gained=_number(sum(gained)))
    else:
        changes = _("%(gained)s gained, %(lost)s lost.", gained=_number(sum(gained)), lost=_number(sum(lost)))
    return f"{_course(counted, counter)} {changes}"


def _course(counted: Sequence[tuple[date, int]], counter: Counter) -> str:
    """The counts at the first and the last day that have one, in words."""
    (first, begin), (last, end) = counted[0], counted[-1]
    values = {"first": _number(begin), "begin": plain_day(first), "last": _number(end), "end": plain_day(last)}
    files = counter is Counter.FILES
    if first == last:
        return (
            _("%(last)s people in the follower list on %(end)s.", **values)
            if files
            else _("%(last)s followers on %(end)s.", **values)
        )
    if files:
        return _(
            "The follower list had %(first)s people on %(begin)s and %(last)s people on %(end)s.",
            **values,
        )
    return _("From %(first)s followers on %(begin)s to %(last)s followers on %(end)s.", **values)


def _bar(point: Point, step: Step, change: str, people: int, sign: int) -> Spec:
    return {
        "from": moment_of(point.day, step, _GAP),
        "to": moment_of(point.day, step, 1 - _GAP),
        "change": change,
        "people": people,
        "height": sign * people,
        "opacity": _PARTIAL_OPACITY if point.partial or point.days is not None else 1,
    }


def _step(point: Point, step: Step) -> Spec:
    """One step for the tooltip of both charts, at any place above it."""
    return {
        "name": _name(point),
        "begin": moment_of(point.day, step, 0),
        "end": moment_of(point.day, step, 1),
        "followers": _number(point.followers),
        "gained": _number(point.gained),
        "lost": _number(point.lost),
        "list": _("partial") if point.partial else _("complete") if point.gained is not None else _("not synced"),
    }


def _name(point: Point) -> str:
    if point.days is None:
        return plain_day(point.day)
    return ngettext("%(day)s, %(num)s day of it", "%(day)s, %(num)s days of it", point.days, day=plain_day(point.day))


def _number(value: int | None) -> str:
    return _("n/a") if value is None else f"{value:,}"


def _filled(template: Spec, rows: list[Spec], points: Sequence[Point], step: Step) -> Spec:
    """Fills the template; both charts of a page share one time span and its labels, so that they compare."""
    ends = [moment_of(points[0].day, step, 0), moment_of(points[-1].day, step, 1)] if points else []
    at = labels([point.day for point in points], step)
    datasets = {
        "points": rows,
        "stretch": [{"at": end} for end in ends],
        "steps": [_step(point, step) for point in points],
    }
    return {**template, "layer": [label_axis(layer, at) for layer in template["layer"]], "datasets": datasets}


@cache
def _followers(step: Step, tag: str) -> Spec:
    import altair as alt

    chart = alt.Chart(alt.NamedData("points"))
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=dates(step))
    y = alt.Y("followers:Q", title=None, scale=alt.Scale(zero=False), axis=numbers(5, ",d"))
    line = chart.mark_line(style="followers").encode(x=x, y=y)
    dots = chart.mark_point(style="followers-dot").encode(x=x, y=y)
    return finish(alt.layer(stretch(step), line, dots, _tips(step)), 240, _("Followers over time"))


@cache
def _came(step: Step, tag: str) -> Spec:
    import altair as alt

    chart = alt.Chart(alt.NamedData("points"))
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=dates(step))
    y = alt.Y("followers:Q", title=None, scale=alt.Scale(zero=True), axis=numbers(5, ",d"))
    line = chart.mark_line(style="followers", interpolate="step-after").encode(x=x, y=y)
    tips = _tips(step, {"name": _(_TITLES[step]), "came": _("Started"), "total": _("Total by then")})
    return finish(alt.layer(stretch(step), line, tips), 180, _("Current followers by the day they started to follow"))


@cache
def _changes(step: Step, tag: str) -> Spec:
    import altair as alt

    chart = alt.Chart(alt.NamedData("points"))
    x = alt.X("from:T", title=None, scale=alt.Scale(type="utc"), axis=dates(step))
    y = alt.Y("height:Q", title=None, axis=numbers(4, "~s"))
    pale = alt.FillOpacity("opacity:Q", scale=None, legend=None)
    bars = [
        chart.mark_rect(style=style)
        .transform_filter(alt.FieldEqualPredicate(field="change", equal=style.capitalize()))
        .encode(x=x, x2="to:T", y=y, y2=alt.datum(0), fillOpacity=pale)
        for style in ("gained", "lost")
    ]
    return finish(alt.layer(stretch(step), *bars, _tips(step)), 150, _("Followers gained and lost"))


def _tips(step: Step, titles: dict[str, str] | None = None) -> alt.Chart:
    """An invisible bar over the whole height of each step, which carries the tooltip of that step."""
    import altair as alt

    x = alt.X("begin:T", title=None, scale=alt.Scale(type="utc"), axis=dates(step))
    titles = titles or {
        "name": _(_TITLES[step]),
        "followers": _("Followers"),
        "gained": _("Gained"),
        "lost": _("Lost"),
        "list": _("List"),
    }
    tips = [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]
    made: alt.Chart = alt.Chart(alt.NamedData("steps")).mark_rect(opacity=0).encode(x=x, x2="end:T", tooltip=tips)
    return made
