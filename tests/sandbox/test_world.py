"""Every world keeps its invariants, whatever happens in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.world.chance import dice, poisson
from sandbox.world.posts import Kind, Post, media_pk, shortcode
from sandbox.world.truth import truth
from sandbox.world.world import World, WorldConfig

SMALL = WorldConfig(followers=120, following=40, posts=20)
SEEDS = st.integers(0, 10_000)
SPLITS = st.lists(st.integers(1, 200), min_size=1, max_size=5)
few = settings(max_examples=20, deadline=None)


def lived(config: WorldConfig, hours: list[int]) -> World:
    """A world after these advances."""
    world = World(config)
    for number in hours:
        world.advance(timedelta(hours=number))
    return world


def names(world: World) -> dict[int, str]:
    """The followers now."""
    return {person.pk: person.username for person in world.population.listed(world.population.followers)}


@few
@given(SEEDS, SPLITS)
def test_the_same_seed_and_hours_give_the_same_world_however_they_are_split(seed: int, hours: list[int]) -> None:
    config = replace(SMALL, seed=seed)
    once, split = lived(config, [sum(hours)]), lived(config, hours)
    assert truth(once, once.start) == truth(split, split.start)


def test_another_seed_is_another_world() -> None:
    assert truth(World(SMALL), None) != truth(World(replace(SMALL, seed=8)), None)


@few
@given(SEEDS, SPLITS)
def test_differences_are_those_of_the_lists_then_and_now(seed: int, hours: list[int]) -> None:
    world = World(replace(SMALL, seed=seed))
    moments = [(world.now, names(world))]
    for number in hours:
        world.advance(timedelta(hours=number))
        moments.append((world.now, names(world)))
    now = names(world)
    for since, then in moments:
        change = world.population.compare(world.population.followers, since)
        assert change.gained == sorted(now.keys() - then.keys())
        assert change.lost == sorted(then.keys() - now.keys())
        assert change.renamed == {pk: then[pk] for pk in then.keys() & now.keys() if then[pk] != now[pk]}


@few
@given(SEEDS, SPLITS)
def test_ids_and_usernames_belong_to_one_person(seed: int, hours: list[int]) -> None:
    world = lived(replace(SMALL, seed=seed), hours)
    everybody = [*world.population.people.values(), world.account]
    assert len({person.pk for person in everybody}) == len(everybody)
    assert len({person.username for person in everybody}) == len(everybody)
    assert all(0 < len(person.username) <= 30 for person in everybody)
    for person in world.population.listed(world.population.followers):
        assert world.population.by_username(person.username) is person


@few
@given(SEEDS, SPLITS)
def test_whoever_deactivated_is_in_no_list_and_not_to_be_found(seed: int, hours: list[int]) -> None:
    population = lived(replace(SMALL, seed=seed), hours).population
    away = [pk for pk in population.people if population.by_pk(pk) is None]
    assert len(away) == population.away_count
    assert not any(
        pk in members for pk in away for members in (population.followers.members, population.following.members)
    )


@few
@given(SEEDS, SPLITS)
def test_engagement_never_falls_and_plays_exceed_views(seed: int, hours: list[int]) -> None:
    world = World(replace(SMALL, seed=seed))
    before = {post.pk: post.engagement(world.now) for post in world.posts}
    for number in hours:
        world.advance(timedelta(hours=number))
    for post in world.posts:
        done = post.engagement(world.now)
        assert (done.plays is not None) == (done.views is not None) == (post.kind is Kind.REEL)
        assert (done.plays or 0) >= (done.views or 0)
        if post.pk in before:
            assert done.likes >= before[post.pk].likes
            assert done.comments >= before[post.pk].comments


@few
@given(SEEDS, SPLITS)
def test_posts_lie_in_the_past_and_sort_by_time(seed: int, hours: list[int]) -> None:
    world = lived(replace(SMALL, seed=seed), hours)
    taken = [post.taken_at for post in world.posts]
    assert taken == sorted(taken)
    assert taken[-1] <= world.now
    assert [post.pk for post in world.posts] == sorted({post.pk for post in world.posts})


def test_a_long_life_has_every_kind_of_event() -> None:
    world = lived(replace(SMALL, followers=3000, following=300), [24 * 60])
    followers = world.population.compare(world.population.followers, world.start)
    following = world.population.compare(world.population.following, world.start)
    assert all([followers.gained, followers.lost, followers.renamed, following.gained, following.lost])
    assert world.population.away_count
    assert world.population.former_count
    assert 40 <= len(world.posts) <= 65


def test_a_large_population_has_every_kind_of_person() -> None:
    people = [*World(WorldConfig(followers=4000)).population.people.values()]
    texts = [person.full_name for person in people]
    assert 0.3 < sum(person.is_private for person in people) / len(people) < 0.4
    assert 0.001 < sum(person.is_verified for person in people) / len(people) < 0.012
    assert any(text.startswith("=") for text in texts)
    assert any(text.startswith("@") for text in texts)
    assert any("\u202e" in text for text in texts)
    assert any("محمد" in text for text in texts)
    assert "" in texts
    assert any(person.pk > 2**53 for person in people)


def test_posts_come_in_every_kind_and_oddity() -> None:
    posts = World(WorldConfig(posts=300)).posts
    assert {post.kind for post in posts} == set(Kind)

    def some(rule: list[Post]) -> bool:
        return 0 < len(rule) < len(posts)

    assert some([post for post in posts if post.hides_counts])
    assert some([post for post in posts if not post.in_grid])
    assert some([post for post in posts if post.owner])
    assert some([post for post in posts if post.caption is None])
    assert len([post for post in posts if post.pinned]) == 2
    assert all(post.kind is Kind.REEL for post in posts if not post.in_grid)


def test_an_empty_account_stays_silent() -> None:
    world = World(WorldConfig(followers=0, following=0, posts=0))
    assert (len(world.population.followers.members), len(world.population.following.members), world.posts) == (0, 0, [])
    world.advance(timedelta(days=30))
    assert world.posts == []


def test_the_calendar_stands_still_until_it_is_moved() -> None:
    world = World(SMALL)
    assert world.now == world.start
    world.advance(timedelta(hours=5))
    assert world.now - world.start == timedelta(hours=5)


def test_steering_lies_a_second_after_what_was_read_and_keeps_the_hours() -> None:
    world = World(SMALL)
    read_at, before = world.now, names(world)
    came = world.steer(follow=3, leave=2, rename=4, follow_usernames=["an.old.friend"])
    change = world.population.compare(world.population.followers, read_at)
    assert change.gained == sorted(person.pk for person in came)
    assert len(change.lost) == 2
    assert len(change.renamed) == 4
    assert len(before) + 4 - 2 == len(world.population.followers.members)
    world.advance(timedelta(days=1))
    assert world.now == world.start + timedelta(days=1, seconds=1)


def test_those_gone_longest_follow_again() -> None:
    world = World(SMALL)
    world.steer(leave=1)
    (first,) = world.population.compare(world.population.followers, world.start).lost
    world.steer(leave=3)
    left_at = world.now
    assert [person.pk for person in world.steer(again=1)] == [first]
    assert world.population.compare(world.population.followers, left_at).gained == [first]
    with pytest.raises(ValueError, match="more people than have left"):
        world.steer(again=4)


def test_steering_refuses_what_cannot_be() -> None:
    world = World(SMALL)
    with pytest.raises(ValueError, match="more people than follow"):
        world.steer(leave=121)
    with pytest.raises(ValueError, match="taken"):
        world.steer(follow_usernames=[world.account.username])
    with pytest.raises(ValueError, match="taken"):
        world.steer(follow_usernames=["twice", "twice"])
    assert world.now == world.start


def test_a_shortcode_is_the_id_in_base_64() -> None:
    assert shortcode(2589531623544609760) == "CPv3UqsBFvg"
    assert shortcode(2588616843234602057) == "CPsnU3Il2xJ"


@given(st.integers(1_325_376_000, 2_200_000_000))
def test_a_media_id_holds_its_time(epoch: int) -> None:
    taken_at = datetime.fromtimestamp(epoch, UTC)
    pk = media_pk(taken_at, dice("test"))
    assert (pk >> 23) + 1_314_220_021_721 == taken_at.timestamp() * 1000
    assert pk < 2**63


@pytest.mark.parametrize("mean", [0.2, 4.0, 100.0])
def test_poisson_has_its_mean(mean: float) -> None:
    rng = dice("poisson", mean)
    drawn = [poisson(rng, mean) for _ in range(4000)]
    assert sum(drawn) / len(drawn) == pytest.approx(mean, rel=0.1)
    assert poisson(rng, 0.0) == 0
