"""The chart of one official metric as a Vega-Lite specification: its days, its gaps, and the breaks of its meaning.

A line joins days that follow each other and mean the same: it is broken at a gap and at a break. What may still change
has a hollow dot. Colours are named styles that `static/charts.js` takes from the page's theme.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from shared.domain.metrics import Break, Unit
from shared.domain.periods import Step
from web.profile.charts.frame import Spec, dates, finish, label_axis, labels, moment_of, numbers, stretch
from web.profile.official_figures import Course, Day
from web.text.amounts import amount
from web.text.numbers import plain_day
from web.translation import _, language, ngettext

if TYPE_CHECKING:
    import altair as alt

_DOTS_UP_TO = 93
_YEAR = 366
_DAY = timedelta(days=1)
_HEIGHT = 240
_ASIDE = 6


def chart(course: Course) -> Spec:
    """The specification of one metric from one source."""
    days = course.days
    axis: Step = "day" if len(days) <= _YEAR else "month"
    at = labels([one.day for one in days], "day")
    template = _template(course.metric.unit is Unit.COUNT, axis, language())
    ends = [moment_of(days[0].day, "day", 0), moment_of(days[-1].day, "day", 1)] if days else []
    return {
        **template,
        "layer": [label_axis(layer, at) for layer in template["layer"]],
        "description": _("%(metric)s by day", metric=_(course.metric.label)),
        "datasets": {
            "points": list(_points(course)),
            "breaks": [_mark(one, days) for one in course.breaks],
            "stretch": [{"at": end} for end in ends],
            "steps": [_step(one, course.metric.unit) for one in days],
        },
    }


def summary(course: Course) -> str:
    """The contents of the chart in words; what lies before a break and after it stands apart."""
    known = [one for one in course.days if one.value is not None]
    if not known:
        return _("No figure in this period.")
    gaps = len(course.days) - len(known)
    said = [_stretch_words(list(part), course) for _part, part in groupby(known, key=lambda one: _era(one, course))]
    said += [ngettext("%(num)s day has no figure.", "%(num)s days have no figure.", gaps)] if gaps else []
    return " ".join(said)


def _stretch_words(days: Sequence[Day], course: Course) -> str:
    values = [one.value for one in days if one.value is not None]
    return _(
        "%(metric)s from %(first)s to %(last)s: between %(low)s and %(high)s a day.",
        metric=_(course.metric.label),
        first=plain_day(days[0].day),
        last=plain_day(days[-1].day),
        low=amount(min(values), course.metric.unit),
        high=amount(max(values), course.metric.unit),
    )


def _era(one: Day, course: Course) -> int:
    """The number of breaks that lie at or before the day."""
    return sum(mark.on <= one.day for mark in course.breaks)


def _points(course: Course) -> Iterator[Spec]:
    few, part, before = len(course.days) <= _DOTS_UP_TO, 0, None
    known = [one for one in course.days if one.value is not None]
    alone = {one.day for one in known} - {one.day + shift for one in known for shift in (_DAY, -_DAY)}
    for one in known:
        key = (one.day, _era(one, course))
        if before is not None and key != (before[0] + _DAY, before[1]):
            part += 1
        before = key
        dot = "provisional" if one.provisional else "settled" if few or one.day in alone else ""
        at = moment_of(one.day, "day", 0.5)
        yield {"at": at, "value": float(one.value or 0), "part": part, "dot": dot}


def _mark(found: Break, days: Sequence[Day]) -> Spec:
    """A break with its day for a name, which stands on the side where the chart has more room."""
    middle = days[0].day + (days[-1].day - days[0].day) / 2
    side = "left" if found.on > middle else "right"
    return {"at": moment_of(found.on, "day", 0), "name": plain_day(found.on), "side": side}


def _step(one: Day, unit: Unit) -> dict[str, Any]:
    """One day for the tooltip, at any place above it."""
    return {
        "name": plain_day(one.day),
        "begin": moment_of(one.day, "day", 0),
        "end": moment_of(one.day, "day", 1),
        "value": amount(one.value, unit),
        "state": _("may still change") if one.provisional else _(one.missing) if one.missing else _("final"),
    }


@cache
def _template(whole: bool, axis: Step, tag: str) -> Spec:
    import altair as alt

    points = alt.Chart(alt.NamedData("points"))
    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=dates(axis))
    form = numbers(5, "~s") if whole else alt.Axis(tickCount=5, format="~s")
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=True), axis=form)
    line = points.mark_line(style="followers").encode(x=x, y=y, detail="part:N")
    dots = [
        points.mark_point(style=style)
        .transform_filter(alt.FieldEqualPredicate(field="dot", equal=dot))
        .encode(x=x, y=y)
        for dot, style in (("settled", "series-dot"), ("provisional", "followers-dot"))
    ]
    return finish(alt.layer(stretch(axis), *_marks(x), line, *dots, _tips(axis)), _HEIGHT, "")


def _marks(x: alt.X) -> list[alt.Chart]:
    """A line over the whole height at each break, and its day beside it."""
    import altair as alt

    breaks, top = alt.Chart(alt.NamedData("breaks")), alt.value(_ASIDE)
    left = breaks.mark_text(style="break-name", align="right", dx=-_ASIDE)
    right = breaks.mark_text(style="break-name", align="left", dx=_ASIDE)
    names = [
        mark.transform_filter(alt.FieldEqualPredicate(field="side", equal=side)).encode(x=x, y=top, text="name:N")
        for side, mark in (("left", left), ("right", right))
    ]
    return [breaks.mark_rule(style="break").encode(x=x), *names]


def _tips(axis: Step) -> alt.Chart:
    """An invisible bar over the whole height of each day, which carries its tooltip."""
    import altair as alt

    x = alt.X("begin:T", title=None, scale=alt.Scale(type="utc"), axis=dates(axis))
    titles = {"name": _("Day"), "value": _("Figure"), "state": _("State")}
    tips = [alt.Tooltip(f"{field}:N", title=title) for field, title in titles.items()]
    made: alt.Chart = alt.Chart(alt.NamedData("steps")).mark_rect(opacity=0).encode(x=x, x2="end:T", tooltip=tips)
    return made
