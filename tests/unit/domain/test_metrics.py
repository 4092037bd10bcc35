"""Each metric is declared once and whole; a break stops comparisons, and a day is settled only after its delay."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.domain.metrics import METRICS, Level, Metric, Nature, metric_of, metrics_of
from shared.messages import Message

EVERY = [pytest.param(one, id=f"{one.platform}.{one.id}") for one in METRICS.values()]
BREAK = date(2026, 8, 24)


def views() -> Metric:
    found = metric_of("youtube", "views")
    assert found is not None
    return found


@pytest.mark.parametrize("metric", EVERY)
def test_a_declaration_is_whole(metric: Metric) -> None:
    assert metric.id.isidentifier()
    assert metric.id == metric.id.lower()
    assert isinstance(metric.label, Message)
    assert isinstance(metric.sentence, Message)
    assert all(isinstance(one.because, Message) for one in metric.breaks)
    assert [one.on for one in metric.breaks] == sorted(one.on for one in metric.breaks)
    if metric.nature in (Nature.ESTIMATE, Nature.UNIQUE):
        assert not metric.sums_days, "an average or a number of people is no sum of days"
    if metric.replaced_by is not None:
        assert metric_of(metric.platform, metric.replaced_by) is not None


def test_no_two_metrics_of_a_platform_read_the_same_field_of_a_level() -> None:
    fields = [(one.platform, one.level, one.field) for one in METRICS.values()]
    assert len(set(fields)) == len(fields)


def test_views_of_youtube_are_not_compared_across_the_day_on_which_their_meaning_changed() -> None:
    crossed = views().break_between(BREAK - timedelta(days=1), BREAK)
    assert crossed is not None
    assert crossed.on == BREAK
    assert views().break_between(BREAK, BREAK + timedelta(days=30)) is None
    assert views().break_between(date(2025, 4, 1), BREAK - timedelta(days=1)) is None


def test_the_newest_of_two_breaks_is_named() -> None:
    crossed = views().break_between(date(2024, 1, 1), date(2026, 12, 1))
    assert crossed is not None
    assert crossed.on == BREAK


def test_engaged_views_kept_their_meaning() -> None:
    engaged = metric_of("youtube", "engaged_views")
    assert engaged is not None
    assert engaged.break_between(date(2020, 1, 1), date(2026, 12, 1)) is None


def test_a_day_of_youtube_is_settled_72_hours_after_midnight_in_pacific_time() -> None:
    day = date(2026, 11, 20)
    settled = datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert views().settles_at(day) == settled
    assert views().is_settled(day, settled)
    assert not views().is_settled(day, settled - timedelta(seconds=1))


def test_counters_are_no_series_of_days_and_a_level_keeps_to_itself() -> None:
    daily = metrics_of("youtube", Level.ACCOUNT, daily=True)
    assert "views" in {one.id for one in daily}
    assert "subscribers" not in {one.id for one in daily}
    assert {one.id for one in metrics_of("youtube", Level.ACCOUNT, daily=False)} == {"subscribers", "videos"}
    counts = {"video_views", "video_engaged_views", "video_likes", "video_comments"}
    assert {one.id for one in metrics_of("youtube", Level.MEDIA)} == counts
    assert metrics_of("friendster", Level.ACCOUNT) == ()


def test_a_metric_is_kept_from_its_first_day_until_before_its_end() -> None:
    ended = Metric(**{**_fields(views()), "since": date(2026, 1, 1), "until": date(2026, 2, 1)})
    kept = [ended.is_kept(day) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 31), date(2026, 2, 1))]
    assert kept == [False, True, True, False]


def _fields(metric: Metric) -> dict[str, Any]:
    return {name: getattr(metric, name) for name in Metric.__slots__}
