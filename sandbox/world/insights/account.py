"""An account day by day: what its pieces brought, who came and left, and who was about."""

from datetime import date, timedelta

from sandbox.world import life
from sandbox.world.chance import dice, poisson
from sandbox.world.channel.days import begin, day_of, end
from sandbox.world.posts import Post
from sandbox.world.world import World

from .figures import Figures, together, total
from .pieces import Product, of_post, of_story, product_of

Day = dict[Product, Figures]
_FOLLOWERS = {Product.POST: 0.82, Product.CAROUSEL: 0.76, Product.REEL: 0.38, Product.STORY: 0.96}
_BUTTONS = {"BOOK_NOW": 3, "CALL": 8, "DIRECTION": 9, "EMAIL": 22, "INSTANT_EXPERIENCE": 1, "TEXT": 7, "UNDEFINED": 50}
_AWAKE_SHARE = 0.35
_HOUR = timedelta(hours=1)


class Insights:
    """One account's figures; days are those of Pacific time, and a day that is over stays as it was."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._over: dict[date, Day] = {}

    def posts(self) -> list[Post]:
        """Return every post there ever was, oldest first, those that are archived or deleted too."""
        return sorted((*self.world.posts, *self.world.archived, *self.world.deleted), key=lambda post: post.pk)

    def on(self, day: date) -> Day:
        """Return what ``day`` brought so far, by surface; a story belongs to the day on which it was shown."""
        shown = [story for story in self.world.stage.stories if day_of(story.taken_at) == day]
        return {**self._by_posts(day), Product.STORY: total(map(of_story, shown))}

    def sum(self, day: date) -> Figures:
        """Return what ``day`` brought so far on all surfaces."""
        return total(self.on(day).values())

    def reach(self, day: Day) -> int:
        """Return how many people one day reached; a person on two surfaces is one."""
        return together(figures.reach for figures in day.values())

    def follower_share(self, product: Product) -> float:
        """Return the part of a surface's views that is by followers."""
        return _FOLLOWERS[product] * dice(self.world.seed, "followers of", product).uniform(0.9, 1.03)

    def came_and_left(self, day: date) -> tuple[int, int]:
        """Return how many followed and unfollowed on ``day``; before the world's start it is drawn."""
        if day < day_of(self.world.start):
            return self._drawn(day)
        return self.world.population.followers.journal.between(begin(day), end(day))

    def profile_views(self, day: date) -> int:
        """Return the visits of the profile: those that began at a piece, and others."""
        return 2 * self.sum(day).visits + dice(self.world.seed, "visits", day).randrange(12)

    def taps(self, day: date) -> dict[str, int]:
        """Return the taps on the profile's buttons and its link; they sum to the day's."""
        left, weight, parts = self.sum(day).taps, 100, {}
        for button, share in _BUTTONS.items():
            parts[button] = left * share // weight
            left, weight = left - parts[button], weight - share
        return parts

    def online(self, hour: int) -> int:
        """Return how many followers are about in an hour of UTC."""
        followers = len(self.world.population.followers.members)
        return min(int(followers * _AWAKE_SHARE * life.awake_at(self.world.seed, hour)), followers)

    def _by_posts(self, day: date) -> Day:
        if day in self._over:
            return self._over[day]
        since, until = begin(day), min(end(day), self.world.now)
        parts: dict[Product, list[Figures]] = {product: [] for product in Product if product is not Product.STORY}
        for post in self.posts():
            if post.taken_at < until:
                parts[product_of(post)].append(of_post(post, until) - of_post(post, since))
        found = {product: total(figures) for product, figures in parts.items()}
        if end(day) + _HOUR <= self.world.now:  # A post shows up at most an hour after it was taken.
            self._over[day] = found
        return found

    def _drawn(self, day: date) -> tuple[int, int]:
        people, world = self.world.population.followers, self.world
        came, left = people.journal.between(world.start, world.now + _HOUR)
        rng, followers = dice(world.seed, "before", day), len(people.members) - came + left
        return poisson(rng, followers * 0.005), poisson(rng, followers * 0.003)
