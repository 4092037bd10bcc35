"""Days of a daily series that are out of the ordinary. Formulas `nb_tail` and `mad_z`; metrics.md names the source."""

from dataclasses import dataclass
from math import inf

import numpy as np

from shared.domain.statistics.arrays import Flags, Floats, Ints
from shared.domain.statistics.effects import MAD_TO_DEVIATION
from shared.domain.statistics.formulas import Formula
from shared.domain.statistics.intervals import Interval
from shared.domain.statistics.tails import negative_binomial_at_least, student_two_sided

BASELINE_DAYS = 56
FEWEST_DAYS = 28
QUIET_DAYS = 7
_QUARTER = 90
# The usual is known from 56 days only, so a day's probability comes out too small; measured by bench honesty.
_CAUTION = 4
_WEEKDAY_STRENGTH = 4
_SHAPE_FACTOR = 0.8
_COUNTED_BELOW = 1000
_SMALLEST_MAD = 0.05
_MAD_EFFICIENCY = 0.37
_RANGE_TAIL = 0.025
_LEAST_LOSS = 5
_LEAST_LOSS_SHARE = 0.005


@dataclass(frozen=True, slots=True)
class Baseline:
    """The usual of the day after a series: the mean for its weekday, and the shape of the counts' distribution.

    A shape without end is Poisson's. `levels` are the known days on the log scale, without their weekdays.
    """

    mean: float
    shape: float
    factor: float
    levels: Floats

    @property
    def formula(self) -> Formula:
        """The formula that judges a value: by its tail for counts, by the spread of the logs for large figures."""
        return Formula.NB_TAIL if self.mean < _COUNTED_BELOW else Formula.MAD_Z

    def probability(self, value: float) -> float:
        """The probability of a value at least so high, and for large figures of one at least so far away."""
        if self.formula is Formula.NB_TAIL:
            return negative_binomial_at_least(int(value), self.mean, self.shape)
        freedom = _MAD_EFFICIENCY * (len(self.levels) - 1)
        return student_two_sided(modified_z(self.levels, np.log1p(value) - np.log(self.factor)), freedom)

    def usual_range(self) -> Interval:
        """The counts within which 95 of 100 days like this one lie, two and a half on each side."""
        return Interval(self._first_above(1 - _RANGE_TAIL), self._first_above(_RANGE_TAIL))

    def _first_above(self, tail: float) -> float:
        """The smallest count that is exceeded with at most this probability, by bisection."""
        low, high = -1, 1
        while negative_binomial_at_least(high + 1, self.mean, self.shape) > tail:
            high *= 2
        while high - low > 1:
            middle = (low + high) // 2
            exceeded = negative_binomial_at_least(middle + 1, self.mean, self.shape) > tail
            low, high = (middle, high) if exceeded else (low, middle)
        return float(high)


def baseline(history: Floats, alarms: Flags | None = None) -> Baseline | None:
    """The usual of the day that follows `history`, None with fewer than 28 known days among its last 56.

    One value a day, the oldest first, NaN in a gap; `alarms` marks days that raised one and so count no higher than the
    highest other day. Source: analytics of counts by negative binomial baselines, the Farrington family of public
    health.
    """
    values = history[-BASELINE_DAYS:]
    known = ~np.isnan(values)
    if known.sum() < FEWEST_DAYS:
        return None
    if alarms is not None:
        values = _winsorise(values, known, alarms[-BASELINE_DAYS:])
    weekdays = np.arange(len(values)) % 7
    factors = weekday_factors(values[known], weekdays[known])
    usual = factors[weekdays[known]]
    level = values[known].sum() / usual.sum()
    factor = float(factors[len(values) % 7])
    shape = _shape(values[known], level * usual)
    return Baseline(float(level * factor), shape, factor, np.log1p(values[known]) - np.log(usual))


def _winsorise(values: Floats, known: Flags, alarms: Flags) -> Floats:
    calm = known & ~alarms
    return np.where(alarms, np.minimum(values, values[calm].max()), values) if calm.any() else values


def weekday_factors(values: Floats, weekdays: Ints) -> Floats:
    """For each of the seven weekdays its median over that of all days, drawn to 1 with the strength of four days."""
    overall, factors = float(np.median(values)), np.ones(7)
    for day in range(7):
        own = values[weekdays == day]
        if overall > 0 and len(own):
            factors[day] = (len(own) * np.median(own) / overall + _WEEKDAY_STRENGTH) / (len(own) + _WEEKDAY_STRENGTH)
    return factors


def _shape(values: Floats, means: Floats) -> float:
    """The negative binomial's shape by moments, times 0.8 as it is uncertain, and narrowed as the mean is."""
    total = float(values.sum())
    if total == 0:
        return inf
    surplus = float(((values - means) ** 2).sum()) * len(values) / (len(values) - 1) - total
    own = max(0.0, surplus / float((means**2).sum())) / _SHAPE_FACTOR
    return 1 / (own + 1 / total)


def modified_z(values: Floats, value: float) -> float:
    """0.6745 (value - median) / MAD, with a MAD of 0.05 at least. Formula `mad_z`.

    Source: B. Iglewicz and D. Hoaglin, How to detect and handle outliers (1993).
    """
    middle = np.median(values)
    spread = max(float(np.median(np.abs(values - middle))), _SMALLEST_MAD)
    return float((value - middle) / (spread * MAD_TO_DEVIATION))


def threshold(series: int) -> float:
    """The probability below which a day alarms: at most one false alarm a quarter for a person with so many series."""
    return 1 / (_CAUTION * _QUARTER * series)


def is_large_loss(lost: float, followers: int) -> bool:
    """Whether a loss is large enough to speak of: at least 5 people and 0.5 % of the followers."""
    return lost >= max(_LEAST_LOSS, _LEAST_LOSS_SHARE * followers)


def episode_starts(alarms: Flags) -> Flags:
    """The alarms that begin an episode; one within a week of the last alarm belongs to that one's episode."""
    starts, last = np.zeros(len(alarms), dtype=np.bool_), -inf
    for day in np.flatnonzero(alarms).tolist():
        starts[day] = day - last > QUIET_DAYS
        last = day
    return starts
