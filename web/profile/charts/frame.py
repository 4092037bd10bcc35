"""The frame of a chart over days: its span of time, its labels, its axes, as parts of a Vega-Lite specification.

A specification is built once by Altair, which is imported only at the first chart because an idle process should stay
small; each page fills in its rows.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from shared.domain.periods import Step

if TYPE_CHECKING:
    import altair as alt

Spec = dict[str, Any]
_AXIS_DATES: dict[Step, str] = {"day": "%-d %b", "week": "%-d %b", "month": "%b %Y"}
_LABELS = 6


def moment_of(day: date, step: Step, part: float) -> int:
    """The moment at which `part` of the step beginning with this day has passed, in milliseconds."""
    length = timedelta(days={"day": 1, "week": 7, "month": monthrange(day.year, day.month)[1]}[step])
    moment = datetime.combine(day, time.min, tzinfo=UTC) + length * part
    return round(moment.timestamp() * 1000)


def labels(days: Sequence[date], step: Step) -> list[Spec]:
    """The middles of at most six steps, evenly apart: each label is below its step."""
    every = -(-len(days) // _LABELS)
    return [_date_time(moment_of(day, step, 0.5)) for day in days[:: every or 1]]


def _date_time(milliseconds: int) -> Spec:
    """The moment in Vega-Lite's own form.

    Vega-Lite turns a number into `datetime(number)`, which Vega's interpreter of expressions (`ast: true`) reads as a
    year, so that the browser draws no label.
    """
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return {
        "year": at.year,
        "month": at.month,
        "date": at.day,
        "hours": at.hour,
        "minutes": at.minute,
        "utc": True,
    }


def label_axis(layer: Spec, labels: list[Spec]) -> Spec:
    """The layer with these labels on its axis of time."""
    encoding = layer["encoding"]
    axis = {**encoding["x"]["axis"], "values": labels}
    return {**layer, "encoding": {**encoding, "x": {**encoding["x"], "axis": axis}}}


def stretch(step: Step) -> alt.Chart:
    """Invisible marks that stretch the axis over the whole span."""
    import altair as alt

    x = alt.X("at:T", title=None, scale=alt.Scale(type="utc"), axis=dates(step))
    made: alt.Chart = alt.Chart(alt.NamedData("stretch")).mark_point(opacity=0).encode(x=x)
    return made


def dates(step: Step) -> alt.Axis:
    """The axis of time."""
    import altair as alt

    return alt.Axis(format=_AXIS_DATES[step], labelOverlap=True, ticks=False)


def numbers(ticks: int, form: str) -> alt.Axis:
    """The axis of whole numbers."""
    import altair as alt

    # Small numbers would get ticks between whole people, so those are left out.
    return alt.Axis(tickCount=ticks, tickMinStep=1, format=form, labelExpr="datum.value % 1 ? '' : datum.label")


def finish(chart: alt.LayerChart | alt.FacetChart, height: int, description: str) -> Spec:
    """The specification without a look of its own: the page has one, and its own version of Vega-Lite."""
    made: Spec = chart.properties(width="container", height=height, description=description).to_dict()
    made["autosize"] = {"type": "fit-x", "contains": "padding"}
    return {name: value for name, value in made.items() if name not in ("config", "$schema")}
