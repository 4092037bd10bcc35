"""The account's stories with their viewers, and the likers of its posts, drawn from a chance of their own.

This module changes neither the followers nor the publications, so a world develops the same with it and without it.
"""

import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from .chance import dice, poisson
from .life import awake_at
from .posts import Post, media_pk, shortcode

if TYPE_CHECKING:
    from .world import World

LIFE = timedelta(hours=24)
VIEWERS_SHOWN_FOR = timedelta(hours=48)
_HOUR = timedelta(hours=1)
_A_DAY = 1.2
_QUIET_IN_TEN, _LIKES_ONE_IN = 3, 8
_INTEREST, _FADING_HOURS = (0.06, 0.2), 5
# As many people as the stand-in remembers of one list, however large the crowd is.
_MOST_VIEWERS, _MOST_LIKERS = 200, 300
_LIKED_FOR = timedelta(days=7)
_LIKED_BEFORE = timedelta(days=24)


@dataclass(slots=True)
class Story:
    """One story: who viewed it so far, in order, and whether they liked it."""

    pk: int
    taken_at: datetime
    is_video: bool
    interest: float
    viewers: dict[int, bool] = field(default_factory=dict)

    @property
    def expires_at(self) -> datetime:
        """When it ends."""
        return self.taken_at + LIFE

    @property
    def code(self) -> str:
        """The shortcode: the id in base 64."""
        return shortcode(self.pk)

    def is_live(self, now: datetime) -> bool:
        """Return whether it is shown at ``now``."""
        return self.taken_at <= now < self.expires_at

    def shows_viewers(self, now: datetime) -> bool:
        """Return whether the platform still tells who viewed it."""
        return now < self.taken_at + VIEWERS_SHOWN_FOR


@dataclass(slots=True)
class Stage:
    """The account's stories, newest last, and the likers of its recent posts in the order in which they came."""

    stories: list[Story] = field(default_factory=list)
    likers: dict[int, dict[int, None]] = field(default_factory=dict)


def begin(world: "World") -> None:
    """Set the stage: one story from this morning, and likers of the last weeks' posts."""
    rng = dice(world.seed, "stories", "begin")
    story = publish(world, rng, world.now - 5 * _HOUR)
    for hours in range(5):
        _view(world, rng, story, hours)
    for post in world.posts:
        if world.now - post.taken_at < _LIKED_BEFORE:
            _like(world, rng, post)


def live_hour(world: "World", hour: int) -> None:
    """Live the hour that ends at ``world.now``: perhaps a story, views of the live ones, likes of the new posts."""
    rng = dice(world.seed, "stories", hour)
    if rng.random() < _A_DAY * awake_at(world.seed, world.now.hour) / 24:
        publish(world, rng, world.now - timedelta(seconds=rng.randrange(3600)))
    for story in world.stage.stories[-8:]:
        if story.is_live(world.now):
            _view(world, rng, story, (world.now - story.taken_at) // _HOUR)
    for post in world.posts[-8:]:
        if world.now - post.taken_at < _LIKED_FOR:
            _like(world, rng, post)


def publish(world: "World", rng: Random, at: datetime) -> Story:
    """The account shows a story from ``at`` on."""
    story = Story(media_pk(at, rng), at, rng.random() < 0.5, rng.uniform(*_INTEREST))
    world.stage.stories.append(story)
    return story


def is_quiet(world: "World", pk: int) -> bool:
    """Return whether a person only ever looks on: three in ten never view a story and never like."""
    return zlib.crc32(f"{world.seed}/{pk}".encode()) % 10 < _QUIET_IN_TEN


def _view(world: "World", rng: Random, story: Story, hours: int) -> None:
    crowd = world.population.followers.members
    wanted = poisson(rng, len(crowd) * story.interest * 0.8**hours / _FADING_HOURS)
    for _ in range(min(wanted, len(crowd), _MOST_VIEWERS)):
        pk = crowd.pick(rng)
        if len(story.viewers) < _MOST_VIEWERS and not is_quiet(world, pk):
            story.viewers.setdefault(pk, zlib.crc32(f"{story.pk}/{pk}".encode()) % _LIKES_ONE_IN == 0)


def _like(world: "World", rng: Random, post: Post) -> None:
    crowd, likers = world.population.followers.members, world.stage.likers.setdefault(post.pk, {})
    wanted = min(post.engagement(world.now).likes, _MOST_LIKERS) - len(likers)
    for _ in range(2 * wanted if len(crowd) else 0):
        pk = crowd.pick(rng)
        if len(likers) < min(post.engagement(world.now).likes, _MOST_LIKERS) and not is_quiet(world, pk):
            likers[pk] = None
