"""A YouTube channel from its button to its figures: real web, worker, database and browser; Google is the stand-in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from sandbox.demo.channel import hold
from sandbox.demo.once import Outcome
from sandbox.world.channel.channel import Channel
from sandbox.world.channel.days import span
from shared.domain.metrics import Level, metrics_of
from tests.e2e.conftest import Watched, Whole

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def differences_of(watched: Watched, folder: Path) -> list[str]:
    """Where pages and files say something else than the truth."""
    outcome = Outcome()
    hold(watched.person, watched.profile, watched.truth(), folder, outcome.hold)
    return outcome.differences


def test_the_consent_connects_the_channel_and_the_first_sync_comes_by_itself(watched: Watched, whole: Whole) -> None:
    (profile,) = watched.rows("select platform, external_id, username, state from profiles where id = %(profile)s")
    truth = watched.truth()
    assert profile == {
        "platform": "youtube",
        "external_id": truth["id"],
        "username": truth["handle"].removeprefix("@"),
        "state": "CONNECTED",
    }
    jobs = watched.rows("select kind, state, error_code from sync_jobs where profile_id = %(profile)s")
    ended = {(job["kind"], job["state"], job["error_code"]) for job in jobs}
    assert {("CONNECT", "COMPLETED", None), ("SYNC", "COMPLETED", None)} <= ended
    assert {state for _, state, _ in ended} == {"COMPLETED"}
    written = whole.log.read_text(encoding="utf-8", errors="replace")
    secret = [whole.google.google.client.secret, *whole.google.google.grants.given()]
    assert len(secret) > 2
    assert [one for one in secret if one in written] == []


def test_pages_and_files_show_what_is_true(watched: Watched, tmp_path: Path) -> None:
    assert differences_of(watched, tmp_path) == []


def test_the_store_has_every_settled_day_exactly_and_marks_the_younger_ones(watched: Watched) -> None:
    truth = watched.truth()
    stored = days_of(watched)
    last, settled = (date.fromisoformat(truth[name]) for name in ("daily_until", "settled_until"))
    true = {
        (metric.id, day): Decimal(str(figures[metric.field]))
        for text, figures in truth["days"].items()
        if (day := date.fromisoformat(text)) <= last
        for metric in metrics_of("youtube", Level.ACCOUNT, daily=True)
    }
    assert set(stored) == set(true)
    wrong = {key: (value, true[key]) for key, (value, _) in stored.items() if key[1] <= settled and value != true[key]}
    assert wrong == {}
    assert {key[1] for key, (_, provisional) in stored.items() if provisional} == {
        settled + timedelta(days=ahead) for ahead in range(1, (last - settled).days + 1)
    }


def days_of(watched: Watched) -> dict[tuple[str, date], tuple[Decimal, bool]]:
    rows = watched.rows(
        "select metric, day, value, provisional from insight_days where profile_id = %(profile)s and source = 'google'"
    )
    return {(row["metric"], row["day"]): (row["value"], row["provisional"]) for row in rows}


def test_the_audience_is_the_true_one(watched: Watched, whole: Whole) -> None:
    channel = whole.google.google.channels()[0]
    truth = watched.truth()
    shares = watched.rows(
        "select breakdown, keys, metric, first_day, last_day, value from audience_shares where profile_id = %(profile)s"
    )
    viewers = {tuple(row["keys"]): row["value"] for row in shares if row["breakdown"] == "age_gender"}
    assert viewers == {(age, gender): Decimal(str(share)) for age, gender, share in truth["viewers"]}
    (asked,) = {(row["first_day"], row["last_day"]) for row in shares}
    settled = [day for day in span(*asked) if day <= date.fromisoformat(truth["settled_until"])]
    for breakdown, dimension in (("country", "country"), ("traffic", "insightTrafficSourceType")):
        said = {
            row["keys"][0]: row["value"] for row in shares if (row["breakdown"], row["metric"]) == (breakdown, "views")
        }
        least, most = views_by(channel, settled, dimension), views_by(channel, span(*asked), dimension)
        assert set(said) == set(most)
        assert {key: value for key, value in said.items() if not least[key] <= value <= most[key]} == {}


def views_by(channel: Channel, days: Iterable[date], dimension: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for day in days:
        found.update({part: figures.views for part, figures in channel.divided(day, dimension).items()})
    return found


def test_totals_are_googles_own(watched: Watched) -> None:
    stored = watched.rows(
        "select last_day - first_day + 1 as days, first_day, last_day, value from insight_totals"
        " where profile_id = %(profile)s and metric = 'engaged_views' order by days"
    )
    assert [row["days"] for row in stored] == [7, 28]
    by_day = {day: value for (metric, day), (value, _) in days_of(watched).items() if metric == "engaged_views"}
    for row in stored:
        inside = [value for day, value in by_day.items() if row["first_day"] <= day <= row["last_day"]]
        assert row["value"] == sum(inside)


def test_another_day_is_read_and_younger_days_settle(watched: Watched, tmp_path: Path) -> None:
    before = {day for _, day in days_of(watched)}
    watched.world.advance(days=1)
    watched.person.sync(watched.profile)
    assert {day for _, day in days_of(watched)} == before | {max(before) + timedelta(days=1)}
    assert differences_of(watched, tmp_path) == []
    test_the_store_has_every_settled_day_exactly_and_marks_the_younger_ones(watched)
