"""Official figures in the JSON interface: days with their gaps, totals, refusals, the audience, a fresh reading."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from tests.conftest import Personas
from tests.rig.history import NOW, History
from tests.rig.official import READ_AT, Figures, fill
from tests.web.api.conftest import MakeConnection, MakeProfile, Owner, change


@pytest.fixture
def figures(owner: Owner, people: Personas, make_profile: MakeProfile) -> Figures:
    profile = make_profile(people.alice, "ada", platform="youtube", observed_at=READ_AT, timezone="Europe/Berlin")
    return Figures(owner, people.alice, profile)


def told(browser: FlaskClient, profile: UUID, query: str = "") -> dict[str, Any]:
    answer = browser.get(f"/api/v1/insights/{profile}{query}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json  # type: ignore[assignment]
    return found


def test_each_day_has_its_figure_or_the_reason_why_it_has_none(figures: Figures, alice: FlaskClient) -> None:
    fill(figures)
    found = told(alice, figures.profile, "?from=2026-11-22&to=2026-11-29&metric=views")
    assert (found["from"], found["to"]) == ("2026-11-22", "2026-11-29")
    values = [(one["date"], one["value"], one["provisional"], one["missing"]) for one in found["insights"]]
    assert values[:3] == [
        ("2026-11-22", 121, False, None),
        ("2026-11-23", 122, False, None),
        ("2026-11-24", 123, False, None),
    ]
    assert ("2026-11-27", 140, True, None) in values
    assert [(day, value) for day, value, _, missing in values if missing] == [
        ("2026-11-25", None),
        ("2026-11-26", None),
        ("2026-11-28", None),
        ("2026-11-29", None),
    ]
    first = found["insights"][0]
    assert (first["metric"], first["unit"], first["source"], first["label"]) == ("views", "count", "google", "Views")


def test_totals_breaks_and_what_is_covered_come_with_the_days(figures: Figures, alice: FlaskClient) -> None:
    fill(figures)
    found = told(alice, figures.profile, "?from=2026-08-01&to=2026-11-29&metric=views,average_view_seconds")
    totals = {(one["metric"], one["from"], one["value"]) for one in found["totals"]}
    assert ("views", "2026-11-21", 1234) in totals
    assert ("average_view_seconds", "2026-11-21", 93.5) in totals
    assert {one["metric"] for one in found["totals"]} == {"views", "average_view_seconds"}
    assert [(one["metric"], one["date"]) for one in found["breaks"]] == [
        ("views", "2025-03-31"),
        ("views", "2026-08-24"),
    ]
    assert found["covered"] == [{"source": "google", "from": "2026-08-10", "to": "2026-11-29", "complete": True}]


def test_a_refused_metric_is_named_with_its_time_and_reason(figures: Figures, alice: FlaskClient) -> None:
    fill(figures)
    (one,) = told(alice, figures.profile, "?metric=shares&metric=likes")["not_given"]
    assert (one["metric"], one["source"], one["since"]) == ("shares", "google", READ_AT.isoformat())
    assert one["because"]
    assert told(alice, figures.profile, "?metric=likes")["not_given"] == []


def test_without_dates_the_last_thirty_days_of_the_profile_are_shown(figures: Figures, alice: FlaskClient) -> None:
    found = told(alice, figures.profile)
    first, last = date.fromisoformat(found["from"]), date.fromisoformat(found["to"])
    assert (last - first).days == 29
    assert abs(last - datetime.now(UTC).date()) <= timedelta(days=1)
    assert found["insights"] == []


@pytest.mark.parametrize(
    "query", ["from=yesterday", "to=2026-13-01", "from=2026-11-20&to=2026-11-19", "from=2020-01-01", "metric=impressed"]
)
def test_a_question_that_cannot_be_answered_is_a_problem(figures: Figures, alice: FlaskClient, query: str) -> None:
    answer = alice.get(f"/api/v1/insights/{figures.profile}?{query}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json["code"] == "input"  # type: ignore[index]


def test_a_metric_that_is_not_known_is_answered_with_those_that_are(figures: Figures, alice: FlaskClient) -> None:
    detail = alice.get(f"/api/v1/insights/{figures.profile}?metric=reach").json["detail"]  # type: ignore[index]
    assert "engaged_views" in detail


def test_the_audience_has_each_breakdown_and_says_what_is_unknown(figures: Figures, alice: FlaskClient) -> None:
    fill(figures)
    found = told(alice, figures.profile, "/audience")
    assert list(found) == sorted(
        ["age", "city", "country", "gender", "gender_age", "not_given", "others"], key=list(found).index
    )
    assert (found["city"], found["age"], found["gender"]) == ([], [], [])
    assert [(one["keys"], one["unknown"], one["value"]) for one in found["country"]] == [(["ZZ"], True, 7)]
    assert found["gender_age"][0] == {
        "keys": ["age18-24", "female"],
        "label": "18–24, women",
        "unknown": False,
        "metric": "viewer_percent",
        "unit": "percent",
        "value": 40.5,
        "source": "google",
        "from": "2026-08-30",
        "to": "2026-11-27",
        "read_at": READ_AT.isoformat(),
    }
    assert set(found["others"]) == {"traffic", "content_type"}
    assert [one["breakdown"] for one in found["not_given"]] == ["subscribed"]


def test_the_audience_of_a_data_download_names_its_source(
    owner: Owner, people: Personas, make_profile: MakeProfile, alice: FlaskClient
) -> None:
    history = History(owner, people.alice, make_profile(people.alice, observed_at=NOW))
    for metric, part, value in (
        ("followers_by_city", "Berlin", 12.5),
        ("followers_by_age", "25-34", 40),
        ("followers_by_age_women", "25-34", 22),
        ("followers_by_follow_type", "x", 1),
    ):
        history.insight(metric, value, NOW, breakdown=part)
    found = told(alice, history.profile, "/audience")
    assert [(one["keys"], one["value"], one["source"]) for one in found["city"]] == [
        (["Berlin"], 12.5, "data_download")
    ]
    assert [(one["label"], one["unit"]) for one in found["age"]] == [("25–34", "percent")]
    assert [(one["keys"], one["label"]) for one in found["gender_age"]] == [(["25-34", "female"], "25–34, women")]
    assert (found["gender"], found["country"], found["others"]) == ([], [], {})


def test_a_refresh_starts_both_readings_once(
    figures: Figures, alice: FlaskClient, owner: Owner, make_connection: MakeConnection
) -> None:
    make_connection(figures.profile, method="google")
    path = f"/api/v1/insights/{figures.profile}/refresh"
    first, again = change(alice, "POST", path), change(alice, "POST", path)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json == again.json
    rows = owner.execute("select id, kind from public.sync_jobs").fetchall()
    assert {str(row["id"]): row["kind"] for row in rows} == dict(
        zip(first.json["jobs"], ["SYNC_INSIGHTS", "SYNC_AUDIENCE"], strict=True)  # type: ignore[index]
    )


def test_a_refresh_that_can_only_fail_is_refused(
    figures: Figures,
    alice: FlaskClient,
    owner: Owner,
    people: Personas,
    make_profile: MakeProfile,
    make_connection: MakeConnection,
) -> None:
    make_connection(figures.profile, "EXPIRED", method="google")
    answer = change(alice, "POST", f"/api/v1/insights/{figures.profile}/refresh")
    assert (answer.status_code, answer.json["code"]) == (409, "not_connected")  # type: ignore[index]
    assert owner.execute("select from public.sync_jobs").fetchone() is None


def test_charlie_sees_nothing_of_it(figures: Figures, charlie: FlaskClient) -> None:
    for path in ("", "/audience"):
        assert charlie.get(f"/api/v1/insights/{figures.profile}{path}").status_code == 404
    assert change(charlie, "POST", f"/api/v1/insights/{figures.profile}/refresh").status_code == 404
