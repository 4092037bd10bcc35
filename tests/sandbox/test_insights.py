"""An account's figures keep their invariants: pieces, days and counters agree, however the calendar is moved."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.world.channel.days import begin, day_of, end, span
from sandbox.world.insights.account import Insights
from sandbox.world.insights.audience import AGES, GENDERS, counted, engaged, followers, reached, traits_of
from sandbox.world.insights.figures import Figures, together, total
from sandbox.world.insights.pieces import of_post, of_story, steps_of
from sandbox.world.insights.truth import truth
from sandbox.world.posts import Kind
from sandbox.world.world import World, WorldConfig

SMALL = WorldConfig(followers=120, following=10, posts=12)
SEEDS = st.integers(0, 10_000)
few = settings(max_examples=8, deadline=None)


def account(seed: int = 7) -> Insights:
    return Insights(World(replace(SMALL, seed=seed)))


def days_of(insights: Insights, number: int) -> list[date]:
    """The days that ended last."""
    yesterday = day_of(insights.world.now) - timedelta(days=1)
    return list(span(yesterday - timedelta(days=number - 1), yesterday))


@few
@given(SEEDS, st.lists(st.integers(1, 60), min_size=1, max_size=4))
def test_the_same_seed_and_hours_give_the_same_figures_however_they_are_split(seed: int, hours: list[int]) -> None:
    once, split = account(seed), account(seed)
    once.world.advance(timedelta(hours=sum(hours)))
    for number in hours:
        split.world.advance(timedelta(hours=number))
        truth(split)
    assert truth(once) == truth(split)


@few
@given(SEEDS)
def test_the_days_of_all_posts_sum_to_their_counters(seed: int) -> None:
    insights = account(seed)
    insights.world.advance(timedelta(days=3))
    first = min(day_of(post.taken_at) for post in insights.posts())
    lived = total(insights.sum(day) for day in span(first, day_of(insights.world.now)))
    now = insights.world.now
    stories = total(of_story(story) for story in insights.world.stage.stories)
    assert lived == total(of_post(post, now) for post in insights.posts()) + stories


def test_figures_of_a_post_never_fall_and_are_those_of_the_sites_own_pages() -> None:
    insights = account()
    for post in insights.posts():
        before = Figures()
        for hours in range(0, 200, 20):
            now = of_post(post, post.taken_at + timedelta(hours=hours))
            assert all(after >= count for after, count in zip(now.counts(), before.counts(), strict=True))
            before = now
        done = post.engagement(insights.world.now)
        shown = of_post(post, insights.world.now)
        assert (shown.likes, shown.comments) == (done.likes, done.comments)
        assert shown.reach <= shown.views
        if post.kind is Kind.REEL:
            assert shown.views == done.plays


def test_a_day_that_is_over_stays_as_it_was_also_when_a_post_is_taken_away() -> None:
    insights = account()
    insights.world.advance(timedelta(days=3))
    days = days_of(insights, 10)[:-2]
    before = {day: insights.on(day) for day in days}
    insights.world.steer_media(archive=2, delete=2)
    insights.world.advance(timedelta(days=4))
    assert {day: insights.on(day) for day in days} == before
    assert {day: Insights(insights.world).on(day) for day in days} == before


def test_follows_and_unfollows_of_the_days_are_the_net_change_of_the_followers() -> None:
    insights = account()
    before = len(insights.world.population.followers.members)
    insights.world.advance(timedelta(days=9))
    moves = [insights.came_and_left(day) for day in span(day_of(insights.world.start), day_of(insights.world.now))]
    net = sum(came for came, _ in moves) - sum(left for _, left in moves)
    assert before + net == len(insights.world.population.followers.members)
    assert sum(came for came, _ in moves) > 0
    long_ago = day_of(insights.world.start) - timedelta(days=5)
    assert insights.came_and_left(long_ago) == account().came_and_left(long_ago)


def test_reach_of_days_is_between_the_largest_and_the_sum() -> None:
    insights = account()
    insights.world.advance(timedelta(days=2))
    reaches = [insights.reach(insights.on(day)) for day in days_of(insights, 7)]
    assert max(reaches) <= together(reaches) <= sum(reaches)
    assert (together([]), together([0, 9])) == (0, 9)


def test_taps_of_the_buttons_sum_to_the_days() -> None:
    insights = account()
    for day in days_of(insights, 20):
        assert sum(insights.taps(day).values()) == insights.sum(day).taps
        assert insights.profile_views(day) >= insights.sum(day).visits


def test_every_view_of_a_story_ends_in_a_step() -> None:
    insights = account()
    insights.world.advance(timedelta(days=2))
    for story in insights.world.stage.stories:
        assert sum(steps_of(story).values()) == of_story(story).views
        assert of_story(story).reach == len(story.viewers)


def test_no_hour_has_more_people_about_than_follow() -> None:
    insights = account()
    assert all(0 < insights.online(hour) <= 120 for hour in range(24))


def test_an_audience_is_counted_from_people_who_are_there() -> None:
    insights = account()
    insights.world.advance(timedelta(days=2))
    people = followers(insights.world)
    pairs = counted(people, ("age", "gender"))
    assert all(age in AGES and gender in GENDERS for age, gender in pairs)
    ages = counted(people, ("age",))
    assert {(age,): sum(n for (one, _), n in pairs.items() if one == age) for (age,) in ages} == ages
    assert sum(ages.values()) < len(people)
    assert list(ages.values()) == sorted(ages.values(), reverse=True)
    assert sum(counted(people, ("city",)).values()) < sum(counted(people, ("country",)).values())
    month, week = (insights.world.now - timedelta(days=back) for back in (30, 7))
    lately, before = set(engaged(insights.world, week)), set(engaged(insights.world, month))
    assert lately <= before <= set(reached(insights.world, month))
    assert before


def test_traits_stay_for_life_and_a_city_lies_in_its_country() -> None:
    assert traits_of(123) == traits_of(123)
    for pk in range(500):
        traits = traits_of(pk)
        assert traits.city is None or traits.country is not None


def test_the_truth_shows_the_days_and_the_pieces() -> None:
    insights = account()
    insights.world.advance(timedelta(days=1))
    found = truth(insights, day_of(insights.world.now) - timedelta(days=3))
    days = found["days"]
    assert isinstance(days, dict)
    assert list(days) == [str(day_of(insights.world.now) - timedelta(days=back)) for back in (3, 2, 1)]
    media = found["media"]
    assert isinstance(media, list)
    assert [row["pk"] for row in media] == [str(post.pk) for post in reversed(insights.world.posts)]
    assert begin(date(2026, 3, 9)) - begin(date(2026, 3, 8)) == timedelta(hours=23)
    assert end(date(2026, 3, 8)) == begin(date(2026, 3, 9))
