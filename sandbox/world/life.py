"""One hour of the world: follows, losses, renames, deactivations and returns, and publications."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from .chance import dice, poisson
from .people import Person
from .posts import compose

if TYPE_CHECKING:
    from .world import World

Happening = Callable[["World", Random, int], None]

# How awake the account's surroundings are, hour by hour of their own day; the mean is 1.
_NIGHT = (0.3, 0.2, 0.1, 0.1, 0.1, 0.2)
_MORNING = (0.5, 0.9, 1.1, 1.1, 1.1, 1.2)
_AFTERNOON = (1.5, 1.3, 1.1, 1.1, 1.2, 1.4)
_EVENING = (1.6, 1.9, 2.0, 1.9, 1.4, 0.7)
_AWAKE = _NIGHT + _MORNING + _AFTERNOON + _EVENING
_GROWTH, _NEWS = 0.004, 1.0
_LEAVING, _RENAMING, _VANISHING = 0.003, 0.001, 0.0006
_COMING_BACK, _FOLLOWING_AGAIN = 0.1, 0.01
_FOLLOWS_BACK, _FOLLOWS_STRANGERS, _UNFOLLOWS = 0.02, 0.5, 0.004
_POSTS_A_DAY = 0.5


def live_hour(world: "World", hour: int) -> None:
    """Live the hour that ends at ``world.now``; it depends on nothing but the world's state and the hour's number."""
    rng = dice(world.seed, "hour", hour)
    awake = awake_at(world.seed, world.now.hour) / 24
    _depart(world, rng, awake)
    _change(world, rng, awake)
    _come(world, rng, awake)
    _tend_following(world, rng, awake)
    if world.publishes and rng.random() < _POSTS_A_DAY * awake:
        _publish(world, rng)


def awake_at(seed: int, utc_hour: int) -> float:
    """Return the weight of an hour of UTC; each seed lives in its own time zone."""
    return _AWAKE[(utc_hour + seed * 5) % 24]


def awake_moment(rng: Random, seed: int) -> timedelta:
    """Return a moment of the UTC day at which a person of that time zone would publish."""
    hours = range(24)
    hour = rng.choices(hours, [awake_at(seed, hour) for hour in hours])[0]
    return timedelta(hours=hour, minutes=rng.randrange(60), seconds=rng.randrange(60))


def coauthor(world: "World", rng: Random) -> Person | None:
    """Return a follower who might publish together with the account, None without one."""
    followers = world.population.followers.members
    return world.population.people[followers.pick(rng)] if len(followers) else None


def arrive(world: "World", rng: Random, username: str | None = None) -> Person:
    """A new person follows; now and then the account follows back."""
    person = world.population.newcomer(rng, username)
    world.population.follow(world.now, person.pk)
    if rng.random() < _FOLLOWS_BACK:
        world.population.following.add(world.now, person.pk)
    return person


def leave(world: "World", rng: Random, pk: int) -> None:
    """``pk`` stops following."""
    world.population.leave(world.now, pk)


def rename(world: "World", rng: Random, pk: int) -> None:
    """``pk`` takes another username."""
    world.population.rename(world.now, rng, pk)


def vanish(world: "World", rng: Random, pk: int) -> None:
    """``pk`` deactivates."""
    world.population.vanish(world.now, pk)


def _depart(world: "World", rng: Random, awake: float) -> None:
    followers, following = (follow_list.members for follow_list in world.lists())
    departures = ((followers, _LEAVING, leave), (followers, _VANISHING, vanish), (following, _VANISHING, vanish))
    for members, rate, happen in departures:
        for _ in range(min(poisson(rng, len(members) * rate * awake), len(members))):
            happen(world, rng, members.pick(rng))


def _change(world: "World", rng: Random, awake: float) -> None:
    for follow_list in world.lists():
        for _ in range(poisson(rng, len(follow_list.members) * _RENAMING * awake)):
            rename(world, rng, follow_list.members.pick(rng))


def _come(world: "World", rng: Random, awake: float) -> None:
    population = world.population
    drawn = sum(post.draws(world.now) for post in world.posts[-8:])
    for _ in range(poisson(rng, (_NEWS + _GROWTH * len(population.followers.members) + drawn) * awake)):
        arrive(world, rng)
    for _ in range(min(poisson(rng, population.former_count * _FOLLOWING_AGAIN * awake), population.former_count)):
        population.return_of_a_former(world.now, rng)
    for _ in range(min(poisson(rng, population.away_count * _COMING_BACK * awake), population.away_count)):
        population.come_back(world.now, rng)


def _tend_following(world: "World", rng: Random, awake: float) -> None:
    population = world.population
    following = population.following
    for _ in range(min(poisson(rng, len(following.members) * _UNFOLLOWS * awake), len(following.members))):
        following.remove(world.now, following.members.pick(rng))
    if len(following.members):
        for _ in range(poisson(rng, _FOLLOWS_STRANGERS * awake)):
            following.add(world.now, population.newcomer(rng).pk)


def _publish(world: "World", rng: Random) -> None:
    taken_at = world.now - timedelta(seconds=rng.randrange(3600))
    crowd = len(world.population.followers.members)
    world.posts.append(compose(rng, taken_at, crowd, pinned=False, coauthor=coauthor(world, rng)))
