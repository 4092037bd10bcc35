"""Decisions about many figures at once, with one budget for all."""

import numpy as np

from shared.domain.statistics.arrays import Flags, Floats


def bonferroni(p_values: Floats) -> Floats:
    """Each probability times their number: the chance of one false finding among all. Formula `bonferroni`."""
    return np.minimum(p_values * len(p_values), 1.0)


def benjamini_hochberg(p_values: Floats) -> Floats:
    """The smallest share of false findings at which each would be found. Formula `benjamini_hochberg`.

    Source: Y. Benjamini and Y. Hochberg, Controlling the false discovery rate, JRSS B 57 (1995).
    """
    number = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * number / np.arange(1, number + 1)
    adjusted = np.empty(number)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1].clip(max=1.0)
    return adjusted


def passing(adjusted: Floats, budget: float = 0.05) -> Flags:
    """The findings that a budget allows."""
    return adjusted <= budget
