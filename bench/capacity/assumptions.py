"""Assumptions that the arithmetic needs and this machine cannot measure: sizes of profiles and how much they change.

Every value is an assumption, not a fact. Sizes are log-normal because sizes of accounts spread over orders of
magnitude; each parameter can be given on the command line, and the result names the values that it was made with.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from random import Random

from shared.domain.plan import Size


@dataclass(frozen=True, slots=True)
class Spread:
    """A log-normal size: half the profiles have less than `median`; none has more than `most`."""

    median: float
    sigma: float
    most: int

    def draw(self, rng: Random) -> int:
        return min(round(self.median * exp(rng.gauss(0, self.sigma))), self.most)


@dataclass(frozen=True, slots=True)
class Guess:
    """The fleet that is played. Shares are of the profile's followers (of the followed, for `following_moved`)."""

    followers: Spread = Spread(2_000, 1.6, 20_000_000)
    following: Spread = Spread(500, 0.9, 7_500)
    media: Spread = Spread(150, 1.2, 20_000)
    followers_moved: float = 0.005
    """Share of the list that comes or leaves in a day."""
    following_moved: float = 0.002
    posts_a_day: float = 0.4
    older_moved: float = 0.2
    """Share of the posts older than a month whose counts move within a week."""
    stories_a_day: float = 1.0
    viewers: float = 0.05
    """Share of the followers that views a story."""
    likers: float = 0.03
    """Share of the followers that likes a post."""
    likers_shown: int = 100
    """The most likers of one post that a reading brings."""

    def size(self, rng: Random) -> Size:
        return Size(self.followers.draw(rng), self.following.draw(rng), self.media.draw(rng))

    def sizes(self, seed: int, profiles: int) -> list[Size]:
        """The same profiles for the same seed."""
        rng = Random(seed)
        return [self.size(rng) for _ in range(profiles)]
