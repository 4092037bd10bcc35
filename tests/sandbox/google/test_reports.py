"""Reports of the Analytics API, held against the truth, and the combinations that do not exist."""

from collections import Counter
from datetime import date, timedelta

import pytest

from sandbox.google.analytics.freshness import is_settled, last_day
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.channel.days import day_of, span
from sandbox.world.channel.figures import total
from sandbox.world.channel.truth import counts, truth
from tests.sandbox.google.app import DAILY, App, error_of
from tests.sandbox.google.conftest import Visit

METRICS = tuple(DAILY.split(","))
SETTLED = {"startDate": "2026-10-26", "endDate": "2026-11-15"}
Row = list[object]


def by_first(rows: list[Row]) -> dict[object, Row]:
    """The rows by their first column."""
    return {row[0]: row[1:] for row in rows}


def test_daily_figures_are_the_truth_of_each_settled_day(connected: App) -> None:
    answer = connected.report(metrics=DAILY, sort="day", **SETTLED).json()
    channel = connected.google.channels()[0]
    assert answer["kind"] == "youtubeAnalytics#resultTable"
    assert [column["name"] for column in answer["columnHeaders"]] == ["day", *METRICS]
    assert answer["columnHeaders"][0] == {"name": "day", "columnType": "DIMENSION", "dataType": "STRING"}
    assert answer["columnHeaders"][1] == {"name": "views", "columnType": "METRIC", "dataType": "INTEGER"}
    days = list(span(date(2026, 10, 26), date(2026, 11, 15)))
    assert answer["rows"] == [[day.isoformat(), *counts(channel.on(day)).values()] for day in days]


def test_totals_are_the_sum_of_the_days(connected: App) -> None:
    asked = {"metrics": "views,likes,subscribersGained", **SETTLED}
    days = connected.rows(**asked)
    whole = connected.rows(dimensions="", **asked)
    assert whole == [[sum(int(str(row[place])) for row in days) for place in (1, 2, 3)]]


def test_all_days_together_are_the_counters_of_the_data_api(connected: App) -> None:
    connected.control("advance", days=10)
    connected.tokens |= connected.refresh().json()
    channel = connected.google.channels()[0]
    first, last = channel.first_day, day_of(channel.now)
    gained = connected.rows(metrics="subscribersGained,subscribersLost,views", startDate=str(first), endDate=str(last))
    newest = date.fromisoformat(str(gained[-1][0]))
    late = [channel.on(day) for day in span(newest, last)]
    early = [row for row in gained if row[0] != newest.isoformat()]
    subscribers = sum(int(str(row[1])) - int(str(row[2])) for row in early) + sum(day.gained - day.lost for day in late)
    views = sum(int(str(row[3])) for row in early) + total(late).views
    assert subscribers == channel.subscribers
    assert str(views) == connected.channel().json()["items"][0]["statistics"]["viewCount"]


def test_the_newest_days_are_missing_and_those_before_still_grow(connected: App) -> None:
    channel = connected.google.channels()[0]
    day, before = "2026-11-17", "2026-11-16"
    rows = by_first(connected.rows())
    assert list(rows)[-1] == day
    assert not is_settled(date.fromisoformat(day), channel.now)
    assert rows[day][0] < channel.on(date.fromisoformat(day)).views  # type: ignore[operator]
    assert rows[before][0] == channel.on(date.fromisoformat(before)).views
    connected.control("advance", days=1)
    connected.tokens |= connected.refresh().json()
    assert by_first(connected.rows())[day][0] == channel.on(date.fromisoformat(day)).views


def test_the_last_day_is_one_on_which_all_metrics_are_there(connected: App) -> None:
    def newest(metrics: str) -> object:
        return connected.rows(metrics=metrics)[-1][0]

    connected.control("advance", hours=20)
    connected.tokens |= connected.refresh().json()
    now = connected.google.now
    assert (newest("views"), newest(DAILY)) == ("2026-11-18", "2026-11-17")
    connected.control("advance", hours=7)
    connected.tokens |= connected.refresh().json()
    assert (newest("views"), newest(DAILY)) == ("2026-11-18", "2026-11-18")
    assert last_day(["views"], now, 2) == date(2026, 11, 16)


@pytest.mark.parametrize(("dimension", "name"), [("country", "countries"), ("insightTrafficSourceType", "sources")])
def test_the_parts_of_a_period_are_the_truth(connected: App, dimension: str, name: str) -> None:
    rows = connected.rows(dimensions=dimension, metrics="views,estimatedMinutesWatched", sort="-views", **SETTLED)
    connected.google.advance(timedelta(days=1))
    channel, wanted = connected.google.channels()[0], Counter[str]()
    for day in span(date(2026, 10, 26), date(2026, 11, 15)):
        wanted.update({part: figures.views for part, figures in channel.divided(day, dimension).items()})
    assert {row[0]: row[1] for row in rows} == {part: views for part, views in wanted.items() if views}
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), key=lambda views: -int(str(views)))
    assert set(wanted) == set(truth(channel)[name])  # type: ignore[call-overload]


def test_videos_come_ranked(connected: App) -> None:
    rows = connected.rows(dimensions="video", metrics="views,likes", sort="-views", maxResults="5", **SETTLED)
    channel = connected.google.channels()[0]
    days = list(span(date(2026, 10, 26), date(2026, 11, 15)))
    true = {video.id: total(video.on(day, channel.now) for day in days) for video in channel.videos()}
    best = sorted(true.items(), key=lambda item: -item[1].views)[:5]
    assert rows == [[identity, figures.views, figures.likes] for identity, figures in best]
    later = connected.rows(
        dimensions="video", metrics="views", sort="-views", maxResults="2", startIndex="3", **SETTLED
    )
    assert [row[0] for row in later] == [identity for identity, _ in best[2:4]]


def test_named_videos_need_no_rank(connected: App) -> None:
    named = [str(row[0]) for row in connected.rows(dimensions="video", sort="-views", maxResults="2", **SETTLED)]
    rows = connected.rows(dimensions="video", filters=f"video=={','.join(named)}", **SETTLED)
    assert {row[0] for row in rows} == set(named)
    days = connected.rows(filters=f"video=={named[0]}", **SETTLED)
    assert sum(int(str(row[1])) for row in days) == by_first(rows)[named[0]][0]


def test_kinds_of_videos_are_told_apart(connected: App) -> None:
    kinds = by_first(connected.rows(dimensions="creatorContentType", metrics="views,engagedViews", **SETTLED))
    assert set(kinds) == {"videoOnDemand", "shorts"}
    for kind, (views, _) in kinds.items():
        filtered = connected.rows(
            dimensions="video", sort="-views", maxResults="200", filters=f"creatorContentType=={kind}", **SETTLED
        )
        assert sum(int(str(row[1])) for row in filtered) == views
    daily = connected.rows(dimensions="day,creatorContentType", metrics="views", **SETTLED)
    assert sum(int(str(row[2])) for row in daily) == sum(int(str(views)) for views, _ in kinds.values())
    sources = connected.rows(dimensions="insightTrafficSourceType,creatorContentType", metrics="views", **SETTLED)
    assert {row[0] for row in sources if row[1] == "shorts"} >= {"SHORTS"}


@pytest.mark.parametrize("dimension", ["subscribedStatus", "deviceType"])
def test_parts_by_status_or_device_sum_to_the_kinds(connected: App, dimension: str) -> None:
    kinds = connected.rows(dimensions="creatorContentType", **SETTLED)
    parts = connected.rows(dimensions=dimension, **SETTLED)
    assert len(parts) > 1
    assert sum(int(str(row[1])) for row in parts) == sum(int(str(row[1])) for row in kinds)
    daily = connected.rows(dimensions=f"day,{dimension}", **SETTLED)
    assert sum(int(str(row[2])) for row in daily) == sum(int(str(row[1])) for row in parts)


def test_a_filter_leaves_its_part(connected: App) -> None:
    countries = by_first(connected.rows(dimensions="country", **SETTLED))
    brazil = connected.rows(filters="country==BR", **SETTLED)
    assert sum(int(str(row[1])) for row in brazil) == countries["BR"][0]
    both = connected.rows(dimensions="", filters="country==BR,DE", **SETTLED)
    assert both == [[int(str(countries["BR"][0])) + int(str(countries["DE"][0]))]]


def test_viewers_sum_to_a_hundred(connected: App) -> None:
    rows = connected.rows(dimensions="ageGroup,gender", metrics="viewerPercentage")
    assert sum(float(str(row[2])) for row in rows) == pytest.approx(100)
    assert {row[1] for row in rows} == {"female", "male", "user_specified"}
    ages = by_first(connected.rows(dimensions="ageGroup", metrics="viewerPercentage"))
    for age, (share,) in ages.items():
        assert float(str(share)) == pytest.approx(sum(float(str(row[2])) for row in rows if row[0] == age))
    by_type = connected.rows(dimensions="ageGroup,gender,creatorContentType", metrics="viewerPercentage")
    assert sum(float(str(row[3])) for row in by_type if row[2] == "shorts") == pytest.approx(100)


def test_few_viewers_are_not_described(visit: Visit) -> None:
    app = visit(ChannelConfig(subscribers=5, videos=1, age_days=60))
    app.connect()
    body = app.report(dimensions="ageGroup,gender", metrics="viewerPercentage").json()
    assert "rows" not in body
    assert len(body["columnHeaders"]) == 3


def test_without_data_rows_are_empty_or_left_out(connected: App) -> None:
    years_ago = {"startDate": "2020-01-01", "endDate": "2020-02-01"}
    assert connected.report(**years_ago).json()["rows"] == []
    assert "rows" not in connected.report(dimensions="country", **years_ago).json()
    assert "rows" not in connected.report(dimensions="", startDate="2026-11-19", endDate="2026-11-20").json()


def test_days_before_the_channel_and_after_today_have_no_rows(connected: App) -> None:
    rows = connected.rows(startDate="2020-01-01", endDate="2030-01-01")
    assert rows[0][0] == str(connected.google.channels()[0].first_day)
    assert rows[-1][0] == "2026-11-17"


def test_months_are_summed(connected: App) -> None:
    months = by_first(connected.rows(dimensions="month", startDate="2026-10-01", endDate="2026-10-01"))
    days = connected.rows(startDate="2026-10-01", endDate="2026-10-31")
    assert months == {"2026-10": [sum(int(str(row[1])) for row in days)]}
    wrong = connected.report(dimensions="month", startDate="2026-10-01", endDate="2026-10-31")
    assert error_of(wrong) == (400, "badRequest")


def test_a_video_that_is_gone_stays_in_the_totals(connected: App) -> None:
    before = connected.rows(**SETTLED)
    gone = connected.control("faults", kind="video_gone").json()["video"]
    assert connected.rows(**SETTLED) == before
    videos = connected.rows(dimensions="video", sort="-views", maxResults="200", **SETTLED)
    assert gone not in by_first(videos)


def test_the_own_id_is_as_good_as_mine(connected: App) -> None:
    own = connected.google.channels()[0].id
    assert connected.rows(ids=f"channel=={own}") == connected.rows()


@pytest.mark.parametrize("ids", ["channel==UCanother", "contentOwner==me"])
def test_another_channel_is_forbidden(connected: App, ids: str) -> None:
    assert error_of(connected.report(ids=ids)) == (403, "forbidden")


@pytest.mark.parametrize(
    "params",
    [
        {"dimensions": "day,video", "sort": "-views", "maxResults": "10"},
        {"dimensions": "video,creatorContentType", "sort": "-views", "maxResults": "10"},
        {"dimensions": "video"},
        {"dimensions": "video", "sort": "-views"},
        {"dimensions": "video", "maxResults": "10"},
        {"dimensions": "video", "sort": "views", "maxResults": "10"},
        {"dimensions": "video", "metrics": "views,likes", "sort": "-likes", "maxResults": "10"},
        {"dimensions": "video", "sort": "-views", "maxResults": "201"},
        {
            "dimensions": "video",
            "metrics": "views,comments",
            "filters": "subscribedStatus==SUBSCRIBED",
            "sort": "-views",
            "maxResults": "9",
        },
        {"dimensions": "ageGroup"},
        {"dimensions": "ageGroup,country", "metrics": "viewerPercentage"},
        {"dimensions": "", "metrics": "viewerPercentage"},
        {"dimensions": "day", "metrics": "views,viewerPercentage"},
        {"dimensions": "day,country"},
        {"dimensions": "country", "metrics": "engagedViews"},
        {"dimensions": "country", "filters": "country==DE"},
        {"dimensions": "insightTrafficSourceType", "metrics": "likes"},
        {"dimensions": "deviceType", "metrics": "subscribersGained"},
        {"dimensions": "sharingService"},
        {"dimensions": "day", "sort": "-likes"},
    ],
)
def test_a_combination_that_is_no_report_is_400(connected: App, params: dict[str, str]) -> None:
    answer = connected.report(**params)
    assert error_of(answer) == (400, "badRequest")
    assert answer.json()["error"]["message"].startswith("The query is not supported.")


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"metrics": "plays"}, "Unknown identifier (plays) given in field parameters.metrics."),
        ({"dimensions": "week"}, "Unknown identifier (week) given in field parameters.dimensions."),
        ({"filters": "town==Bonn"}, "Unknown identifier (town) given in field parameters.filters."),
        ({"filters": "country=DE"}, "parameters.filters"),
        ({"filters": "creatorContentType==SHORTS"}, "Invalid value 'SHORTS'"),
        ({"filters": "country==de"}, "Invalid value 'de'"),
        ({"metrics": "views,views"}, "parameters.metrics"),
        ({"startDate": "2026-13-01"}, "2026-13-01"),
        ({"startDate": "20261101"}, "20261101"),
        ({"startDate": "2026-11-30"}, "before the start date"),
        ({"maxResults": "0"}, "parameters.maxResults"),
        ({"startIndex": "0"}, "parameters.startIndex"),
    ],
)
def test_a_wrong_parameter_is_400(connected: App, params: dict[str, str], said: str) -> None:
    answer = connected.report(**params)
    assert error_of(answer) == (400, "badRequest")
    assert said in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["ids", "startDate", "endDate", "metrics"])
def test_four_parameters_are_required(connected: App, name: str) -> None:
    answer = connected.report(**{name: ""})
    assert error_of(answer) == (400, "required")


def test_revenue_of_a_channel_that_earns_nothing_is_forbidden(connected: App) -> None:
    assert error_of(connected.report(metrics="estimatedRevenue")) == (403, "forbidden")


def test_reports_have_a_quota_apart_from_the_units(connected: App) -> None:
    connected.google.client.reports = 1
    assert connected.report().status_code == 200
    assert error_of(connected.report()) == (403, "dailyLimitExceeded")
    assert connected.channel().status_code == 200
