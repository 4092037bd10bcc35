"""The measured difference between some posts and all others."""

from dataclasses import dataclass
from math import exp

import numpy as np

from shared.domain.statistics.arrays import Flags, Floats
from shared.domain.statistics.intervals import CONFIDENCE, Interval
from shared.domain.statistics.tails import normal_quantile, student_two_sided

MAD_TO_DEVIATION = 1 / normal_quantile(0.75)
_CLIPPED_AT = 3.0
_POWER_80 = 2.8
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Effect:
    """A difference of mean residuals on the log scale, unshrunk, and the probability of such a one by chance."""

    number: int
    others: int
    difference: float
    deviation: float
    freedom: float
    p: float

    @property
    def ratio(self) -> float:
        """The difference as "times the usual"."""
        return exp(self.difference)

    @property
    def interval(self) -> Interval:
        """The ratio's interval of 95 %, by Student's t."""
        reach = student_quantile(CONFIDENCE, self.freedom) * self.deviation
        return Interval(exp(self.difference - reach), exp(self.difference + reach))


def clip(values: Floats) -> Floats:
    """The values with those that lie further from the median than three robust deviations drawn in to there.

    So one post that everybody saw cannot make its hour or its hashtag a winner.
    """
    middle = np.median(values)
    reach = _CLIPPED_AT * MAD_TO_DEVIATION * np.median(np.abs(values - middle))
    return values.clip(middle - reach, middle + reach) if reach > 0 else values


def pooled_variance(values: Floats, groups: list[Flags]) -> tuple[float, int]:
    """The variance within disjoint groups, and its degrees of freedom."""
    squares = sum(float(((values[group] - values[group].mean()) ** 2).sum()) for group in groups)
    freedom = sum(int(group.sum()) for group in groups) - len(groups)
    return squares / freedom, freedom


def measure(values: Floats, member: Flags, noise: tuple[float, int] | None = None) -> Effect:
    """The effect of membership; the noise is that within the two groups where no other is given."""
    inside, outside = values[member], values[~member]
    variance, freedom = noise or pooled_variance(values, [member, ~member])
    deviation = float(np.sqrt(variance * (1 / len(inside) + 1 / len(outside))))
    difference = float(inside.mean() - outside.mean())
    p = student_two_sided(difference / deviation, freedom) if deviation > 0 else 1.0
    return Effect(len(inside), len(outside), difference, deviation, freedom, p)


def smallest_visible_ratio(deviation: float, number: int, others: int) -> float:
    """The ratio that two groups of such sizes would show in four of five cases: exp(2.8 sd sqrt(1/n + 1/m))."""
    return exp(_POWER_80 * deviation * (1 / number + 1 / others) ** 0.5)


def student_quantile(confidence: float, freedom: float) -> float:
    """The distance from 0 within which Student's t lies with this probability, by bisection."""
    low, high = 0.0, 1.0
    while student_two_sided(high, freedom) > 1 - confidence:
        high *= 2
    while high - low > _CLOSE * high:
        middle = (low + high) / 2
        low, high = (middle, high) if student_two_sided(middle, freedom) > 1 - confidence else (low, middle)
    return high
