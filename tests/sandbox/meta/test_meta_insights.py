"""Insights at Instagram's Graph API: they agree with the world, and are as strict as the real ones."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sandbox.meta.apps import BASIC
from sandbox.meta.people import media_id
from sandbox.world.channel.days import begin, span
from sandbox.world.insights.audience import counted, followers
from sandbox.world.insights.figures import together
from sandbox.world.insights.pieces import is_on_facebook, of_post, of_story, steps_of
from sandbox.world.posts import Kind, Post
from sandbox.world.world import WorldConfig
from tests.sandbox.meta.app import START, App, error_of, results, window
from tests.sandbox.meta.conftest import SMALL, Visit

SETTLED = list(span(date(2026, 11, 8), date(2026, 11, 17)))
"""Ten days whose figures do not change any more on the evening of 2026-11-20."""
FEED = "reach,views,likes,comments,saved,shares,total_interactions,follows,profile_visits"
REELS = (
    "reach,views,likes,comments,saved,shares,total_interactions,ig_reels_avg_watch_time,ig_reels_video_view_total_time"
)
STORY = "reach,views,shares,replies,total_interactions,follows,profile_visits,navigation"


def values(app: App, piece: str, metric: str) -> dict[str, int]:
    """The figures of one piece."""
    answer = app.get(f"{piece}/insights", metric=metric)
    answer.raise_for_status()
    return {row["name"]: row["values"][0]["value"] for row in answer.json()["data"]}


def some_post(app: App, fits: Callable[[Post], bool]) -> Post:
    """The newest post that fits."""
    return next(post for post in reversed(app.account.world.posts) if fits(post))


def test_settled_totals_are_the_sums_of_the_worlds_days(connected: App) -> None:
    insights = connected.account.insights
    lived = [insights.sum(day) for day in SETTLED]
    expected = {
        "views": sum(one.views for one in lived),
        "likes": sum(one.likes for one in lived),
        "comments": sum(one.comments for one in lived),
        "saves": sum(one.saves for one in lived),
        "shares": sum(one.shares for one in lived),
        "reposts": sum(one.reposts for one in lived),
        "replies": sum(one.replies for one in lived),
        "total_interactions": sum(one.interactions for one in lived),
        "profile_links_taps": sum(one.taps for one in lived),
        "profile_views": sum(insights.profile_views(day) for day in SETTLED),
    }
    assert {name: connected.total(name, SETTLED)["value"] for name in expected} == expected
    engaged = together(int(one.interactions * 0.8) for one in lived)
    assert connected.total("accounts_engaged", SETTLED)["value"] == engaged


def test_several_metrics_come_in_one_answer_with_the_windows_before_and_after(connected: App) -> None:
    body = connected.daily("views,likes", SETTLED, metric_type="total_value").json()
    assert [row["name"] for row in body["data"]] == ["views", "likes"]
    assert {row["period"] for row in body["data"]} == {"day"}
    assert body["data"][0]["id"] == f"{connected.account.id}/insights/views/day"
    following = connected.http.get(body["paging"]["previous"]).json()
    assert following["data"][0]["total_value"]["value"] > 0


def test_reach_is_a_series_whose_days_are_below_the_total_of_the_period(connected: App) -> None:
    (row,) = connected.daily("reach", SETTLED).json()["data"]
    insights = connected.account.insights
    assert [value["value"] for value in row["values"]] == [insights.reach(insights.on(day)) for day in SETTLED]
    assert row["values"][0]["end_time"] == "2026-11-09T08:00:00+0000"
    whole = connected.total("reach", SETTLED)["value"]
    assert isinstance(whole, int)
    daily = [value["value"] for value in row["values"]]
    assert max(daily) <= whole < sum(daily)
    week = connected.get("me/insights", metric="reach", period="week", **window(SETTLED[-1:])).json()["data"][0]
    assert week["values"][0]["value"] == together(daily[-7:])


def test_breakdowns_divide_the_total(connected: App) -> None:
    by_product = connected.total("views", SETTLED, breakdown="media_product_type")
    assert sum(results(by_product).values()) == by_product["value"]
    by_follow = connected.total("views", SETTLED, breakdown="follow_type")
    assert set(results(by_follow)) == {("FOLLOWER",), ("NON_FOLLOWER",)}
    assert sum(results(by_follow).values()) == by_follow["value"]
    both = connected.total("views", SETTLED, breakdown="media_product_type,follow_type")
    assert sum(results(both).values()) == both["value"]
    taps = connected.total("profile_links_taps", SETTLED, breakdown="contact_button_type")
    assert sum(results(taps).values()) == taps["value"]
    reach = connected.total("reach", SETTLED, breakdown="media_product_type")
    whole = reach["value"]
    assert isinstance(whole, int)
    assert sum(results(reach).values()) >= whole


def test_follows_and_unfollows_are_those_of_the_journal_a_day_late(connected: App) -> None:
    connected.control("advance", days=9)
    days = list(span(date(2026, 11, 21), date(2026, 11, 27)))
    moves = [connected.account.insights.came_and_left(day) for day in days]
    found = results(connected.total("follows_and_unfollows", days, breakdown="follow_type"))
    assert found == {
        ("FOLLOWER",): sum(came for came, _ in moves),
        ("NON_FOLLOWER",): sum(left for _, left in moves),
    }
    yesterday = date(2026, 11, 28)
    late = connected.daily("follows_and_unfollows", [yesterday], metric_type="total_value", breakdown="follow_type")
    assert late.json()["data"] == []
    connected.control("advance", days=1)
    assert connected.total("follows_and_unfollows", [yesterday], breakdown="follow_type")["breakdowns"]
    assert connected.daily("follower_count", days).json()["data"][0]["values"][0]["value"] == moves[0][0]


def test_the_newest_days_still_grow(connected: App) -> None:
    yesterday = [date(2026, 11, 19)]
    early = connected.total("views", yesterday)["value"]
    connected.control("advance", days=3)
    late = connected.total("views", yesterday)["value"]
    assert isinstance(early, int)
    assert isinstance(late, int)
    assert 0 < early < late
    connected.control("advance", days=3)
    assert connected.total("views", yesterday)["value"] == late


def test_without_a_window_it_is_the_last_day_and_with_one_from_ahead_today(connected: App) -> None:
    asked = {"metric": "views", "period": "day", "metric_type": "total_value"}
    usual = connected.get("me/insights", **asked).json()["data"][0]["total_value"]
    assert usual == connected.total("views", [date(2026, 11, 19)])
    (row,) = connected.daily("reach", [date(2026, 11, 20)]).json()["data"]
    assert row["values"][0]["end_time"] == "2026-11-21T08:00:00+0000"
    until_now = {"since": str(int(begin(date(2026, 11, 20)).timestamp())), "until": str(int(START.timestamp()))}
    assert connected.get("me/insights", metric="reach", period="day", **until_now).json()["data"] == []


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({}, (400, 100, None)),
        ({"metric": "impressions", "period": "day"}, (400, 100, None)),
        ({"metric": "views"}, (400, 100, None)),
        ({"metric": "views", "period": "day"}, (400, 100, None)),
        ({"metric": "views", "period": "week", "metric_type": "total_value"}, (400, 100, None)),
        ({"metric": "follower_count", "period": "day", "metric_type": "total_value"}, (400, 100, None)),
        ({"metric": "follows_and_unfollows", "period": "day", "metric_type": "total_value"}, (400, 100, None)),
        (
            {"metric": "views,replies", "period": "day", "metric_type": "total_value", "breakdown": "follow_type"},
            (500, 1, None),
        ),
        ({"metric": "reach", "period": "day", "since": "1000000000", "until": "1003000000"}, (400, 100, None)),
        ({"metric": "reach", "period": "day", "since": "1763600000", "until": "1763500000"}, (400, 100, None)),
        ({"metric": "reach", "period": "day", "since": "2000000000"}, (400, 100, None)),
        ({"metric": "reach", "period": "day", "since": "yesterday"}, (400, 100, None)),
        ({"metric": "follower_demographics", "period": "lifetime", "metric_type": "total_value"}, (400, 100, None)),
    ],
)
def test_what_does_not_go_together_is_refused(
    connected: App, params: dict[str, str], refusal: tuple[int, int, int | None]
) -> None:
    assert error_of(connected.get("me/insights", **params)) == refusal


def test_thirty_days_of_24_hours_are_the_most(connected: App) -> None:
    with_a_longer_one = list(span(date(2026, 10, 21), date(2026, 11, 19)))
    assert len(with_a_longer_one) == 30
    refused = connected.daily("reach", with_a_longer_one)
    assert error_of(refused) == (400, 100, None)
    assert "There cannot be more than 30 days (2592000 s)" in refused.json()["error"]["message"]
    connected.control("advance", days=20)
    days = list(span(date(2026, 11, 5), date(2026, 12, 4)))
    assert len(connected.daily("reach", days).json()["data"][0]["values"]) == 30
    assert error_of(connected.daily("reach", [date(2026, 11, 4), *days])) == (400, 100, None)


def test_a_long_time_ago_there_is_no_data(connected: App) -> None:
    assert connected.daily("reach", [date(2024, 11, 1)]).json()["data"] == []
    assert connected.total("views", [date(2025, 11, 1)])["value"] == 0


def demographics(app: App, audience: str, breakdown: str, timeframe: str = "") -> dict[str, object]:
    """An audience, broken down."""
    params = {"period": "lifetime", "metric_type": "total_value", "breakdown": breakdown}
    frame = {"timeframe": timeframe} if timeframe else {}
    answer = app.get("me/insights", metric=f"{audience}_demographics", **params, **frame)
    answer.raise_for_status()
    data = answer.json()["data"]
    found: dict[str, object] = data[0]["total_value"] if data else {}
    return found


@pytest.mark.parametrize("breakdown", ["country", "city", "age", "gender", "age,gender"])
def test_followers_are_counted_from_the_people_there_are(connected: App, breakdown: str) -> None:
    people = followers(connected.account.world)
    found = results(demographics(connected, "follower", breakdown))
    assert found == counted(people, breakdown.split(","))
    assert len(found) <= 45
    assert sum(found.values()) <= len(people)


def test_other_audiences_need_a_time_frame_which_stands_first(connected: App) -> None:
    params = {"period": "lifetime", "metric_type": "total_value", "breakdown": "country"}
    for audience in ("engaged_audience", "reached_audience"):
        found = demographics(connected, audience, "country", "this_month")
        parts = found["breakdowns"]
        assert isinstance(parts, list)
        assert parts[0]["dimension_keys"] == ["timeframe", "country"]
        assert {row["dimension_values"][0] for row in parts[0]["results"]} == {"THIS_MONTH"}
        metric = f"{audience}_demographics"
        assert error_of(connected.get("me/insights", metric=metric, **params)) == (400, 100, None)
        older = connected.get("me/insights", metric=metric, timeframe="last_90_days", **params)
        assert error_of(older) == (400, 100, None)


def test_a_small_account_has_no_demographics_and_no_follows(visit: Visit) -> None:
    app = visit(replace(SMALL, followers=99))
    app.connect()
    assert demographics(app, "follower", "country") == {}
    assert demographics(app, "engaged_audience", "country", "this_week") == {}
    asked = app.daily("follows_and_unfollows", SETTLED, metric_type="total_value", breakdown="follow_type")
    assert asked.json()["data"] == []
    assert app.get("me/insights", metric="online_followers", period="lifetime").json()["data"] == []
    assert isinstance(app.total("views", SETTLED)["value"], int)


def test_followers_are_about_by_the_hour(connected: App) -> None:
    (row,) = connected.get("me/insights", metric="online_followers", period="lifetime").json()["data"]
    hours = row["values"][0]["value"]
    assert list(hours) == [str(hour) for hour in range(24)]
    assert max(hours.values()) <= len(connected.account.world.population.followers.members)


def test_without_the_scope_the_answer_is_empty_and_no_error(app: App) -> None:
    app.connect(scopes=[BASIC])
    answer = app.daily("views", SETTLED, metric_type="total_value")
    assert (answer.status_code, answer.json()["data"]) == (200, [])
    newest = app.get("me/media").json()["data"][0]["id"]
    answer = app.get(f"{newest}/insights", metric="reach")
    assert (answer.status_code, answer.json()["data"]) == (200, [])


def test_a_post_has_the_figures_of_its_product(connected: App) -> None:
    now = connected.account.world.now
    picture = some_post(connected, lambda post: post.kind is not Kind.REEL)
    figures = of_post(picture, now)
    found = values(connected, media_id(picture.pk), FEED)
    assert list(found) == FEED.split(",")
    assert (found["reach"], found["views"], found["likes"]) == (figures.reach, figures.views, figures.likes)
    assert found["total_interactions"] == figures.interactions
    reel = some_post(connected, lambda post: post.kind is Kind.REEL)
    played = of_post(reel, now)
    found = values(connected, media_id(reel.pk), REELS)
    assert found["views"] == played.views == reel.engagement(now).plays
    assert found["ig_reels_avg_watch_time"] == played.watched // played.views
    skipped = values(connected, media_id(reel.pk), "reels_skip_rate")["reels_skip_rate"]
    assert 0 < skipped < 100


def test_a_story_has_its_figures_while_it_is_live(connected: App) -> None:
    world = connected.account.world
    connected.control("advance", days=1)
    world.steer_media(stories_now=1)
    connected.control("advance", hours=6)
    story = next(story for story in reversed(world.stage.stories) if len(story.viewers) >= 5)
    found = values(connected, media_id(story.pk), STORY)
    assert (found["reach"], found["navigation"]) == (len(story.viewers), of_story(story).views)
    answer = connected.get(
        f"{media_id(story.pk)}/insights", metric="navigation", breakdown="story_navigation_action_type"
    )
    (row,) = answer.json()["data"]
    assert results(row["total_value"]) == {(name,): count for name, count in steps_of(story).items()}
    connected.control("advance", days=1)
    assert error_of(connected.get(f"{media_id(story.pk)}/insights", metric="reach")) == (400, 100, 33)


def test_a_story_that_few_saw_says_so_and_that_is_no_lack_of_permission(visit: Visit) -> None:
    app = visit(WorldConfig(followers=2, following=0, posts=1, start=START))
    app.connect()
    app.account.world.steer_media(stories_now=1)
    story = app.get("me/stories").json()["data"][0]["id"]
    answer = app.get(f"{story}/insights", metric="reach")
    assert error_of(answer)[:2] == (400, 10)
    assert "Not enough viewers" in answer.json()["error"]["message"]


@pytest.mark.parametrize("metric", ["follows", "navigation", "impressions", "plays", "total_views", ""])
def test_a_metric_that_a_reel_does_not_have_fails_the_whole_call(connected: App, metric: str) -> None:
    reel = some_post(connected, lambda post: post.kind is Kind.REEL)
    asked = f"reach,{metric}" if metric else ""
    assert error_of(connected.get(f"{media_id(reel.pk)}/insights", metric=asked)) == (400, 100, None)


def test_some_removed_names_come_back_empty(connected: App) -> None:
    newest = media_id(connected.account.world.posts[-1].pk)
    assert list(values(connected, newest, "reach,exits")) == ["reach"]


def test_a_metric_of_facebook_fails_where_the_piece_was_not_shown_there(connected: App) -> None:
    alone = some_post(connected, lambda post: not is_on_facebook(post.pk))
    answer = connected.get(f"{media_id(alone.pk)}/insights", metric="reach,facebook_views")
    assert error_of(answer) == (400, 100, 2207086)
    shared = some_post(connected, lambda post: is_on_facebook(post.pk))
    assert "facebook_views" in values(connected, media_id(shared.pk), "facebook_views")


def test_a_breakdown_that_does_not_fit_fails_the_call(connected: App) -> None:
    picture = some_post(connected, lambda post: post.kind is not Kind.REEL)
    path = f"{media_id(picture.pk)}/insights"
    assert error_of(connected.get(path, metric="reach", breakdown="action_type")) == (500, 1, None)
    (row,) = connected.get(path, metric="profile_activity", breakdown="action_type").json()["data"]
    found = results(row["total_value"])
    assert sum(found.values()) == row["total_value"]["value"]
    assert set(found) <= {("bio_link_clicked",), ("email",)}


def test_a_post_from_before_the_account_was_professional_has_no_insights(connected: App) -> None:
    posts = connected.account.world.posts
    connected.account.professional_since = posts[-1].taken_at - timedelta(seconds=1)
    assert error_of(connected.get(f"{media_id(posts[-2].pk)}/insights", metric="reach")) == (400, 100, 2108006)
    assert "reach" in values(connected, media_id(posts[-1].pk), "reach")
