"""Intervals for shares and medians."""

from typing import NamedTuple

import numpy as np

from shared.domain.statistics.arrays import Floats
from shared.domain.statistics.tails import binomial_at_most, normal_quantile

CONFIDENCE = 0.95


class Interval(NamedTuple):
    """The ends of an interval; the truth lies within it in 95 of 100 cases unless its maker says otherwise."""

    low: float
    high: float


def share_interval(part: int, whole: int, confidence: float = CONFIDENCE) -> Interval | None:
    """Wilson's interval of a share, None where nothing was counted. Formula `wilson`.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).
    """
    if whole == 0:
        return None
    z = normal_quantile((1 + confidence) / 2)
    share, shrink = part / whole, 1 + z * z / whole
    middle = (share + z * z / (2 * whole)) / shrink
    reach = z / shrink * (share * (1 - share) / whole + z * z / (4 * whole * whole)) ** 0.5
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach))


def bounds_with_unknown(part: int, judged: int, unknown: int) -> Interval | None:
    """The share of all if none, and if every one, of those who could not be judged belongs to the part."""
    whole = judged + unknown
    return Interval(part / whole, (part + unknown) / whole) if whole else None


def median_interval(values: Floats, confidence: float = CONFIDENCE) -> Interval | None:
    """The interval of the median between two of the values, by the ranks' distribution. Formula `median_ranks`.

    None below six values, where no two of them are far enough apart at 95 %. Source: H. A. David and H. N. Nagaraja,
    Order Statistics, 3rd edition, 7.1.
    """
    number, rank = len(values), 0
    while binomial_at_most(rank, number, 0.5) <= (1 - confidence) / 2:
        rank += 1
    if rank == 0:
        return None
    ordered = np.sort(values)
    return Interval(float(ordered[rank - 1]), float(ordered[number - rank]))
