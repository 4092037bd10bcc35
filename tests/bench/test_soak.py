"""The soak itself: it knows every fault, draws the same ones again, and sees a difference where there is one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from sandbox.world.chance import dice
from sandbox.world.world import World, WorldConfig
from tests.conftest import Personas
from tests.rig import audit, trouble
from tests.rig.audit import Past

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEFT_AND_CAME_BACK = Past({7: [(NOON, False), (NOON + 2 * HOUR, True)]}, frozenset({7, 8}))


def test_every_fault_of_the_stand_in_is_listed() -> None:
    assert set(trouble.kinds()) == set(trouble.TROUBLES)


def test_the_same_seed_draws_the_same_faults() -> None:
    def drawn(seed: int) -> list[trouble.Order]:
        rng = dice(seed, "round", 1)
        return [trouble.draw(rng) for _ in range(50)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert len({order.kind for order in drawn(1)}) > 10


@pytest.mark.parametrize(
    ("pk", "since", "until", "was_away"),
    [
        (7, NOON - HOUR, NOON + HOUR, True),
        (7, NOON - 2 * HOUR, NOON - HOUR, False),
        (7, NOON + HOUR, NOON + 3 * HOUR, True),
        (7, NOON + 3 * HOUR, NOON + 4 * HOUR, False),
        (7, None, NOON, True),
        (8, None, NOON, False),
        (9, None, NOON, True),
    ],
)
def test_the_past_tells_who_was_away_at_some_moment(
    pk: int, since: datetime | None, until: datetime, was_away: bool
) -> None:
    assert LEFT_AND_CAME_BACK.was(pk, False, since, until) is was_away


@pytest.fixture
def world() -> World:
    return World(WorldConfig(followers=1, following=0, posts=0))


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID], world: World, owner: Any) -> UUID:
    """The world's only follower, told as one, and as lost and back for no reason if `stays` is changed."""
    made = make_profile(people.alice, followers=1, following=0, media_count=0)
    (member,) = world.population.listed(world.population.followers)
    owner.execute(
        "with p as (insert into public.people (user_id, profile_id, platform_id, username, follows_me, first_seen_at,"
        " updated_at) values (%(user)s, %(profile)s, %(pk)s, %(name)s, true, %(at)s, %(at)s) returning id)"
        " insert into public.stays (user_id, profile_id, person_id, direction, since, since_known)"
        " select %(user)s, %(profile)s, id, 'follower', %(at)s, 'before' from p",
        {"user": people.alice, "profile": made, "pk": str(member.pk), "name": member.username, "at": world.now},
    )
    return made


def test_what_is_true_makes_no_difference(
    owner: psycopg.Connection[dict[str, Any]], profile: UUID, world: World
) -> None:
    assert audit.events(owner, profile, world) + audit.books(owner, profile) + audit.state(owner, profile, world) == []


def test_a_false_loss_a_lost_person_and_a_wrong_book_are_seen(
    owner: psycopg.Connection[dict[str, Any]], profile: UUID, world: World
) -> None:
    owner.execute("update public.stays set until = since, until_after = since, until_known = 'between'")
    assert any("never left" in told for told in audit.events(owner, profile, world))
    assert any("0 open stays" in told for told in audit.books(owner, profile))
    owner.execute("update public.people set follows_me = false")
    assert any("missing" in told for told in audit.state(owner, profile, world))
