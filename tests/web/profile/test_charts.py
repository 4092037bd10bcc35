"""The chart specifications: valid, without invented figures, and drawable by the script that is served."""

import gzip
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import altair as alt
import pytest
import vl_convert
from flask.testing import FlaskClient

from shared.domain.periods import Step
from shared.store.profiles.overview import Point
from tests.web.conftest import MakeApp
from web.profile.charts import bundle, growth

DAY = date(2026, 11, 2)
POINTS = [
    Point(DAY, 100, 3, 1, 0),
    Point(date(2026, 11, 3), None, None, None, 0),
    Point(date(2026, 11, 4), 0, 0, None, 1),
]


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_both_are_valid_vega_lite(step: Step) -> None:
    for spec in (growth.followers(POINTS, step), growth.changes(POINTS, step)):
        alt.LayerChart.from_dict({"$schema": alt.SCHEMA_URL, **spec})
        assert spec["width"] == "container"
        assert spec["description"]


def test_what_was_not_read_is_no_point_and_zero_is_one() -> None:
    assert [row["followers"] for row in growth.followers(POINTS, "day")["datasets"]["points"]] == [100, 0]
    rows = growth.changes(POINTS, "day")["datasets"]["points"]
    assert [(row["change"], row["people"], row["height"]) for row in rows] == [
        ("Gained", 3, 3),
        ("Gained", 0, 0),
        ("Lost", 1, -1),
    ]


def test_a_label_stands_below_the_middle_of_its_step() -> None:
    for spec in (growth.followers(POINTS, "day"), growth.changes(POINTS, "day")):
        middles = [(row["begin"] + row["end"]) / 2 for row in spec["datasets"]["steps"]]
        for layer in spec["layer"]:
            assert [milliseconds(**label) for label in layer["encoding"]["x"]["axis"]["values"]] == middles


def milliseconds(*, year: int, month: int, date: int, hours: int, minutes: int, utc: bool) -> float:
    assert utc
    return datetime(year, month, date, hours, minutes, tzinfo=UTC).timestamp() * 1000


def test_the_tooltip_of_a_step_is_the_same_in_both_charts_and_covers_the_whole_step() -> None:
    first, second = (make(POINTS, "day")["datasets"]["steps"] for make in (growth.followers, growth.changes))
    assert first == second
    assert [row["end"] - row["begin"] for row in first] == [86_400_000] * 3
    assert [(row["followers"], row["gained"], row["lost"], row["list"]) for row in first] == [
        ("100", "3", "1", "complete"),
        ("n/a", "n/a", "n/a", "not synced"),
        ("0", "0", "n/a", "partial"),
    ]


def test_bars_of_a_partial_list_are_pale() -> None:
    rows = growth.changes(POINTS, "day")["datasets"]["points"]
    assert [row["opacity"] < 1 for row in rows] == [False, True, False]


def test_a_week_of_which_a_part_lies_in_the_period_is_pale_and_says_so() -> None:
    part = replace(POINTS[0], days=3)
    (row, *_) = growth.changes([part], "week")["datasets"]["points"]
    assert row["opacity"] < 1
    assert growth.changes([part], "week")["datasets"]["steps"][0]["name"] == "2 Nov 2026, 3 days of it"


def test_one_sentence_says_what_the_charts_show() -> None:
    assert growth.summary(POINTS) == (
        "From 100 followers on 2 Nov 2026 to 0 followers on 4 Nov 2026. 3 gained, 1 lost."
    )
    assert growth.summary(POINTS[:1]) == "100 followers on 2 Nov 2026. 3 gained, 1 lost."
    assert growth.summary(POINTS[1:2]) == "No sync read a follower count in this period."


def test_both_show_the_same_stretch_of_time() -> None:
    ends = growth.followers(POINTS, "week")["datasets"]["stretch"]
    assert ends == growth.changes(POINTS, "week")["datasets"]["stretch"]
    assert (ends[1]["at"] - ends[0]["at"]) / 86_400_000 == 9


def test_one_page_does_not_draw_anothers_rows() -> None:
    first, second = growth.followers(POINTS, "day"), growth.followers([], "day")
    assert second["datasets"]["points"] == []
    assert first["datasets"]["points"] != []


@pytest.mark.parametrize("step", ["day", "week", "month"])
@pytest.mark.parametrize("count", [1, 2, 3, 6, 7, 30])
def test_no_date_stands_on_the_axis_twice(step: Step, count: int) -> None:
    apart = {"day": 1, "week": 7, "month": 30.5}[step]
    days = [DAY + timedelta(days=round(number * apart)) for number in range(count)]
    starts = [day.replace(day=1) if step == "month" else day for day in days]
    points = [Point(day, 100 + number, number, 1, 0) for number, day in enumerate(starts)]
    for spec in (growth.followers(points, step), growth.changes(points, step)):
        drawn = vl_convert.vegalite_to_svg({**spec, "width": 900})
        told = re.findall(r">(\d+ [A-Z][a-z]{2}|[A-Z][a-z]{2} \d{4})</text>", drawn)
        assert told
        assert len(set(told)) == len(told), told


@pytest.mark.parametrize("people", [0, 1, 2, 3, 5, 12])
def test_numbers_of_people_are_whole_and_stand_on_the_axis_once(people: int) -> None:
    points = [Point(DAY, 100, people, 0, 0), Point(date(2026, 11, 3), 100 + people, 0, people, 0)]
    for spec in (growth.followers(points, "day"), growth.changes(points, "day")):
        told = re.findall(r">(\W?\d[\d,.a-z]*)</text>", vl_convert.vegalite_to_svg({**spec, "width": 900}))
        assert told
        assert len(set(told)) == len(told), told
        assert all(number.lstrip("-−").isdecimal() for number in told), told


@pytest.mark.slow
def test_the_script_is_made_once_and_served_with_its_version(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(data_dir=tmp_path)
    client: FlaskClient = app.test_client()
    with app.test_request_context():
        address = bundle.script_address()
    with client.get(address) as plain, client.get(address, headers={"Accept-Encoding": "gzip"}) as zipped:
        assert b"vegaEmbed" in plain.data
        assert gzip.decompress(zipped.data) == plain.data
        assert "max-age=31536000" in plain.headers["Cache-Control"]
    assert client.get("/assets/charts/vega-0.0.0.js").status_code == 404
    (made,) = (tmp_path / "cache").glob("*.js")
    before = made.stat().st_mtime_ns
    client.get(address).close()
    assert made.stat().st_mtime_ns == before
