"""The world: an account, its people, its posts and a calendar that moves only when told to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from . import life, stories
from .chance import dice
from .people import Person
from .population import FollowList, Population
from .posts import Post, compose
from .stories import Stage, Story
from .words import BIOGRAPHY, HANDLE_WORDS

DEFAULT_START = datetime(2026, 3, 2, 9, tzinfo=UTC)
_MUTUAL_SHARE = 0.55
_PINS_FROM = 12
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class WorldConfig:
    """The beginning of a world; the same config and the same advances give the same world."""

    seed: int = 7
    followers: int = 5000
    following: int = 400
    posts: int = 60
    username: str | None = None
    start: datetime = DEFAULT_START
    private: bool = False


class World:
    """The account's surroundings at the calendar's present moment."""

    def __init__(self, config: WorldConfig) -> None:
        rng = dice(config.seed, "people")
        self.seed = config.seed
        self.start = config.start.astimezone(UTC).replace(microsecond=0)
        self.now = self.start
        self.account = _account(dice(config.seed, "account"), config)
        self.biography = BIOGRAPHY
        self.population = Population(self.account.pk, self.account.username)
        self.population.settle_in(rng, config.followers, config.following, _MUTUAL_SHARE)
        self.posts: list[Post] = _past_posts(self, config)
        self.archived: list[Post] = []
        self.deleted: list[Post] = []
        self.publishes = config.posts > 0
        self._steered = 0
        self.stage = Stage()
        if self.publishes:
            stories.begin(self)
        self._settle()

    def advance(self, by: timedelta) -> None:
        """Move the calendar by ``by`` and live every whole hour that it passes."""
        target = self.now + by
        for hour in range((self.now - self.start) // _HOUR, (target - self.start) // _HOUR):
            self.now = self.start + (hour + 1) * _HOUR
            life.live_hour(self, hour)
            if self.publishes:
                stories.live_hour(self, hour)
        self.now = target
        self._settle()

    def steer(
        self, follow: int = 0, leave: int = 0, rename: int = 0, follow_usernames: Iterable[str] = (), again: int = 0
    ) -> list[Person]:
        """Make things happen one second later, after whatever was read before; returns who came.

        ``again`` is how many of those who left follow again, the longest gone first. Raises ValueError when more should
        leave or be renamed than follow, when fewer have left than should follow again, or a username is taken.
        """
        names = list(follow_usernames)
        self._check_steering(leave, rename, names)
        returning = self.population.longest_gone(again)
        self.now += timedelta(seconds=1)
        self._steered += 1
        rng = dice(self.seed, "steer", self._steered)
        self._draw(rng, leave, life.leave)
        self._draw(rng, rename, life.rename)
        came = [life.arrive(self, rng) for _ in range(follow)] + [life.arrive(self, rng, name) for name in names]
        for person in returning:
            self.population.follow(self.now, person.pk)
        self._settle()
        return came + returning

    def steer_media(self, archive: int = 0, delete: int = 0, stories_now: int = 0) -> list[Story]:
        """Let the account archive or delete pieces, or show stories, one second later; returns the new stories.

        Pinned pieces stay, and so do those of a co-author. Raises ValueError when there are not so many others.
        """
        own = [post for post in self.posts if not (post.pinned or post.pinned_in_reels or post.owner)]
        if archive + delete > len(own):
            raise ValueError("more pieces than there are to take away")
        self.now += timedelta(seconds=1)
        self._steered += 1
        rng = dice(self.seed, "steer media", self._steered)
        chosen = rng.sample(own, archive + delete)
        self.archived += chosen[:archive]
        self.deleted += chosen[archive:]
        self.posts = [post for post in self.posts if post not in chosen]
        return [stories.publish(self, rng, self.now) for _ in range(stories_now)]

    def unarchive(self) -> None:
        """Show everything that was archived again, one second later."""
        self.now += timedelta(seconds=1)
        self.posts = sorted((*self.posts, *self.archived), key=lambda post: post.pk)
        self.archived = []

    def _draw(self, rng: Random, number: int, happen: "life.Happening") -> None:
        chosen = rng.sample(list(self.population.followers.members), number)
        for pk in chosen:
            happen(self, rng, pk)

    def _check_steering(self, leave: int, rename: int, names: list[str]) -> None:
        population = self.population
        if leave + rename > len(population.followers.members):
            raise ValueError("more people than follow")
        if len(set(names)) < len(names) or not all(population.is_free(name) for name in names):
            raise ValueError("a username is taken")

    def _settle(self) -> None:
        for follow_list in self.lists():
            follow_list.members.settle()

    def lists(self) -> tuple[FollowList, FollowList]:
        """Return followers and following."""
        return self.population.followers, self.population.following


def _account(rng: Random, config: WorldConfig) -> Person:
    first, second = rng.sample(HANDLE_WORDS, 2)
    pk = rng.randrange(40_000_000_000, 70_000_000_000)
    username = config.username or f"{first}.and.{second}"
    return Person(pk, username, f"{first.title()} & {second.title()} 🌿", config.private, False, True)


def _past_posts(world: World, config: WorldConfig) -> list[Post]:
    """Return the posts of the time before, oldest first: one in two days, two of them pinned."""
    rng, posts = dice(config.seed, "posts"), []
    for back in range(config.posts, 0, -1):
        day = world.start - timedelta(days=back * 2 - 1)
        taken_at = day.replace(hour=0, minute=0, second=0) + life.awake_moment(rng, world.seed)
        crowd = max(1, round(config.followers * (1 - 0.5 * back / config.posts)))
        pinned = config.posts >= _PINS_FROM and back in (config.posts, config.posts // 2)
        posts.append(compose(rng, min(taken_at, world.start - _HOUR), crowd, pinned, life.coauthor(world, rng)))
    return sorted(posts, key=lambda post: post.pk)
