"""The time that people stay: Kaplan-Meier with late entry, and the shares of each way of leaving."""

from dataclasses import dataclass

import numpy as np

from shared.domain.statistics.arrays import Flags, Floats, Ints
from shared.domain.statistics.intervals import CONFIDENCE
from shared.domain.statistics.tails import normal_quantile

FEWEST_AT_RISK = 10


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays of people: the age at which each came under observation, the age at its end, and the way it ended.

    `way` is 0 for a stay that goes on, 1 and above for the ways of leaving. A person of the first list, whose joining
    day is not known, enters late; who joined under observation enters at 0. The loss lies between two lists: `end` is
    the later.
    """

    entry: Floats
    end: Floats
    way: Ints


@dataclass(frozen=True, slots=True)
class Curve:
    """The share still there just after each age at which anyone left, with its variance and its interval of 95 %.

    The ends are NaN where nothing is known of the spread: where the share is 0 or 1.
    """

    ages: Floats
    at_risk: Ints
    left: Ints
    share: Floats
    variance: Floats
    low: Floats
    high: Floats

    def cut(self, fewest: int = FEWEST_AT_RISK) -> "Curve":
        """The curve up to the first age with fewer people at risk; what follows rests on too few."""
        short = np.flatnonzero(self.at_risk < fewest)
        stop = int(short[0]) if len(short) else len(self.ages)
        return Curve(*(getattr(self, name)[:stop] for name in self.__slots__))


def kaplan_meier(stays: Stays, ways: tuple[int, ...] = (1,)) -> Curve:
    """The share who have not left by any of the ways; other ways end the observation only. Formula `kaplan_meier`.

    Those at risk at an age entered before it and had not ended before it. Variance by Greenwood, interval on the scale
    of log(-log). Source: E. Kaplan and P. Meier, JASA 53 (1958); J. Klein and M. Moeschberger, Survival Analysis, 4.2
    to 4.6.
    """
    gone = np.isin(stays.way, ways)
    ages, left = np.unique(stays.end[gone], return_counts=True)
    at_risk = _at_risk(stays, ages)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.cumprod(1 - left / at_risk, dtype=np.float64)
        spread = np.cumsum(left / (at_risk * (at_risk - left)))
        variance = np.where(share > 0, share**2 * spread, 0.0)
        reach = normal_quantile((1 + CONFIDENCE) / 2) * np.sqrt(spread) / np.log(share)
        middle = np.log(-np.log(share))
        low, high = np.exp(-np.exp(middle - reach)), np.exp(-np.exp(middle + reach))
    unknown = (share <= 0) | (share >= 1)
    low, high = np.where(unknown, np.nan, low), np.where(unknown, np.nan, high)
    return Curve(ages, at_risk, left.astype(np.int64), share, variance, low, high)


@dataclass(frozen=True, slots=True)
class LeavingShares:
    """For each way of leaving, a row: the share who had left by it at each age. With those still there they make 1."""

    ages: Floats
    at_risk: Ints
    shares: Floats
    still: Floats


def leaving_shares(stays: Stays, ways: tuple[int, ...]) -> LeavingShares:
    """The shares of competing ways of leaving, by Aalen and Johansen. Formula `aalen_johansen`.

    Source: O. Aalen and S. Johansen, Scandinavian Journal of Statistics 5 (1978).
    """
    whole = kaplan_meier(stays, ways)
    before = np.concatenate([[1.0], whole.share[:-1]])[: len(whole.ages)]
    rows = [_left_by(stays, way, whole.ages) for way in ways]
    shares = np.array([np.cumsum(before * row / whole.at_risk) for row in rows]).reshape(len(ways), len(whole.ages))
    return LeavingShares(whole.ages, whole.at_risk, shares, whole.share)


def _left_by(stays: Stays, way: int, ages: Floats) -> Ints:
    ends = np.sort(stays.end[stays.way == way])
    return np.searchsorted(ends, ages, side="right") - np.searchsorted(ends, ages, side="left")


def _at_risk(stays: Stays, ages: Floats) -> Ints:
    entered = np.searchsorted(np.sort(stays.entry), ages, side="left")
    ended: Ints = np.searchsorted(np.sort(stays.end), ages, side="left")
    return entered - ended


def is_consistent(stays: Stays) -> bool:
    """Whether every stay ends after it came under observation, as the formulas need it."""
    flags: Flags = stays.entry < stays.end
    return bool(flags.all())
