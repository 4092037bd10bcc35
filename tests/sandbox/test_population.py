"""One person of the population follows, leaves, renames, vanishes and comes back."""

from datetime import UTC, datetime

import pytest

from sandbox.world.chance import dice
from sandbox.world.population import Population

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def people() -> Population:
    """Three followers, the first of whom is followed too."""
    population = Population(1, "the.owner")
    population.settle_in(dice("people"), followers=3, following=0, mutual_share=0)
    population.following.add(AT, list(population.followers.members)[-1])
    return population


def test_whoever_comes_back_stands_in_both_lists_where_they_stood(people: Population) -> None:
    before, mutual = list(people.followers.members), next(iter(people.following.members))
    people.vanish(AT, mutual)
    assert mutual not in people.followers.members
    assert mutual not in people.following.members
    assert people.come_back(AT, dice("back")) == mutual
    assert list(people.followers.members) == before
    assert list(people.following.members) == [mutual]


def test_whoever_is_away_does_not_follow_again_meanwhile(people: Population) -> None:
    mutual = next(iter(people.following.members))
    people.leave(AT, mutual)
    assert people.former_count == 1
    people.vanish(AT, mutual)
    assert (people.former_count, people.away_count) == (0, 1)
    people.come_back(AT, dice("back"))
    assert mutual not in people.followers.members
    assert mutual in people.following.members


def test_whoever_follows_again_is_the_newest(people: Population) -> None:
    oldest = list(people.followers.members)[-1]
    people.leave(AT, oldest)
    assert people.return_of_a_former(AT, dice("again")) == oldest
    assert next(iter(people.followers.members)) == oldest
    assert people.former_count == 0


def test_a_username_given_up_may_belong_to_somebody_else_later(people: Population) -> None:
    rng = dice("rename")
    pk = next(iter(people.followers.members))
    old = people.people[pk].username
    people.rename(AT, rng, pk)
    assert people.by_username(old) is None
    newcomers = [people.newcomer(rng) for _ in range(500)]
    heir = people.by_username(old)
    assert heir in newcomers
    assert heir.pk != pk
    assert sum(person.username == old for person in newcomers) == 1


def test_a_username_asked_for_is_given_once(people: Population) -> None:
    rng = dice("rename")
    pk = next(iter(people.followers.members))
    old = people.people[pk].username
    people.rename(AT, rng, pk)
    assert people.newcomer(rng, old).username == old
    assert old not in {people.newcomer(rng).username for _ in range(500)}


def test_the_owners_id_and_username_are_nobody_elses(people: Population) -> None:
    assert not people.is_free("the.owner")
    assert people.by_username("the.owner") is None
