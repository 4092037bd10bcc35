"""Seeded chance: every stretch of the world has a generator named after it, so nothing depends on call order."""

import math
from random import Random

_NORMAL_FROM = 30.0


class Dice(Random):
    """Chance that repeats itself; nothing secret may come from it."""


def dice(*key: object) -> Dice:
    """Return the generator of one named stretch of the world, such as ``dice(seed, "hour", 12)``."""
    return Dice("/".join(map(str, key)))


def poisson(rng: Random, mean: float) -> int:
    """Return a Poisson count; by its normal approximation where the mean is large."""
    if mean <= 0:
        return 0
    if mean > _NORMAL_FROM:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
