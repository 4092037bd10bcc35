"""Tail probabilities of the distributions that decisions need, by one regularised incomplete beta function."""

from math import exp, inf, lgamma, log, log1p
from statistics import NormalDist

_NORMAL = NormalDist()
_TINY = 1e-300
_CLOSE = 1e-15
_MOST_STEPS = 10_000


def normal_quantile(p: float) -> float:
    """The point below which a standard normal variable lies with probability `p`."""
    return _NORMAL.inv_cdf(p)


def beta_ratio(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b), for a and b above 0. Source: DLMF 8.17.22 and 8.17.4."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_ratio(b, a, 1 - x)
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    return exp(front) / a * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of DLMF 8.17.22 by Lentz's method; it converges fast for x below (a + 1) / (a + b + 2)."""
    value, c, d = 1.0, inf, 1.0
    for step in range(1, _MOST_STEPS):
        m, a2 = step // 2, a + 2 * (step // 2)
        odd = -(a + m) * (a + b + m) / (a2 * (a2 + 1))
        term = x * (odd if step % 2 else m * (b - m) / ((a2 - 1) * a2))
        d = 1 / _away_from_zero(1 + term * d)
        c = _away_from_zero(1 + term / c)
        value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def student_two_sided(t: float, freedom: float) -> float:
    """The probability that Student's t lies at least as far from 0 as `t`. Source: DLMF 8.17, I_x(v/2, 1/2)."""
    return beta_ratio(freedom / 2, 0.5, freedom / (freedom + t * t))


def binomial_at_most(k: int, n: int, p: float) -> float:
    """The probability of at most `k` of `n` successes. Source: DLMF 8.17.5."""
    if k < 0 or k >= n:
        return float(k >= n)
    return beta_ratio(n - k, k + 1, 1 - p)


def poisson_at_least(x: int, mean: float) -> float:
    """The probability of at least `x` events where `mean` are expected; the sum of the smaller side."""
    if x <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if x <= mean:
        return 1 - _poisson_sum(x - 1, mean, -1)
    return _poisson_sum(x, mean, 1)


def _poisson_sum(start: int, mean: float, step: int) -> float:
    """The sum of the probabilities from `start` on, upwards or downwards, away from the mean."""
    term = exp(start * log(mean) - mean - lgamma(start + 1))
    total, k = 0.0, start
    while k >= 0 and term > total * _CLOSE:
        total += term
        term *= mean / (k + 1) if step > 0 else k / mean
        k += step
    return total


def negative_binomial_at_least(x: int, mean: float, shape: float) -> float:
    """The probability of at least `x` events, of variance mean + mean² / shape; a shape without end is Poisson's.

    Formula `nb_tail`. Source: the binomial's tail of DLMF 8.17.5, here I_p(x, shape) with p = mean / (mean + shape).
    """
    if x <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if shape == inf:
        return poisson_at_least(x, mean)
    return beta_ratio(x, shape, mean / (mean + shape))
