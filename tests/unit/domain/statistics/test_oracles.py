"""The statistics give what SciPy, statsmodels and lifelines give; bin/test --oracles makes their figures anew."""

from math import inf
from typing import Any

import numpy as np
import pytest

from shared.domain.statistics import tails
from shared.domain.statistics.corrections import benjamini_hochberg, bonferroni
from shared.domain.statistics.intervals import median_interval, share_interval
from shared.domain.statistics.shrinkage import shrink
from shared.domain.statistics.surprises import modified_z
from shared.domain.statistics.survival import kaplan_meier, leaving_shares
from tests.rig.goldens import floats, load, stays

SCIPY, STATSMODELS, LIFELINES = load("scipy"), load("statsmodels"), load("lifelines")
TAILS = [
    "beta_ratio",
    "student_two_sided",
    "binomial_at_most",
    "poisson_at_least",
    "negative_binomial_at_least",
]


@pytest.mark.parametrize(("name", "case"), [(name, case) for name in TAILS for case in SCIPY[name]])
def test_tails_are_those_of_scipy(name: str, case: list[float]) -> None:
    assert getattr(tails, name)(*case[:-1]) == pytest.approx(case[-1], rel=1e-8, abs=1e-14)


def test_a_shape_without_end_is_poissons() -> None:
    assert tails.negative_binomial_at_least(12, 7.0, inf) == pytest.approx(
        tails.negative_binomial_at_least(12, 7.0, 1e9), rel=1e-5
    )


@pytest.mark.parametrize("case", SCIPY["median_interval"])
def test_the_medians_interval_is_scipys(case: list[Any]) -> None:
    assert median_interval(floats(case[0])) == pytest.approx(tuple(case[1:]))


def test_five_values_have_no_interval_of_their_median() -> None:
    assert median_interval(np.arange(5.0)) is None


@pytest.mark.parametrize("case", STATSMODELS["share_interval"])
def test_a_shares_interval_is_wilsons(case: list[float]) -> None:
    assert share_interval(int(case[0]), int(case[1])) == pytest.approx(tuple(case[2:]), abs=1e-9)


@pytest.mark.parametrize("case", STATSMODELS["bonferroni"])
def test_bonferroni_is_that_of_statsmodels(case: list[list[float]]) -> None:
    assert bonferroni(floats(case[0])) == pytest.approx(floats(case[1]))


@pytest.mark.parametrize("case", STATSMODELS["benjamini_hochberg"])
def test_benjamini_hochberg_is_that_of_statsmodels(case: list[list[float]]) -> None:
    assert benjamini_hochberg(floats(case[0])) == pytest.approx(floats(case[1]))


@pytest.mark.parametrize("case", STATSMODELS["between_groups"])
def test_the_variance_between_groups_is_dersimonians_and_lairds(case: list[Any]) -> None:
    assert shrink(floats(case[0]), floats(case[1])).between == pytest.approx(case[2], abs=1e-12)


@pytest.mark.parametrize("case", STATSMODELS["modified_z"])
def test_the_modified_z_is_that_of_statsmodels_spread(case: list[Any]) -> None:
    assert modified_z(floats(case[0]), case[1]) == pytest.approx(case[2])


@pytest.mark.parametrize("case", STATSMODELS["kaplan_meier"])
def test_stays_that_begin_late_are_counted_as_statsmodels_does(case: dict[str, Any]) -> None:
    curve = kaplan_meier(stays(case))
    assert curve.ages == pytest.approx(floats(case["ages"]))
    assert curve.at_risk == pytest.approx(floats(case["at_risk"]))
    assert curve.share == pytest.approx(floats(case["share"]))
    there = curve.share > 0
    assert np.sqrt(curve.variance)[there] == pytest.approx(floats(case["deviation"])[there])


@pytest.mark.parametrize("case", LIFELINES["kaplan_meier"])
def test_curve_and_interval_are_those_of_lifelines(case: dict[str, Any]) -> None:
    curve = kaplan_meier(stays(case))
    assert curve.share == pytest.approx(floats(case["share"]))
    inner = ~np.isnan(curve.low)
    assert inner.sum() >= len(inner) - 1
    assert curve.low[inner] == pytest.approx(floats(case["low"])[inner])
    assert curve.high[inner] == pytest.approx(floats(case["high"])[inner])


@pytest.mark.parametrize("case", LIFELINES["leaving_shares"])
def test_the_shares_of_ways_of_leaving_are_those_of_lifelines(case: dict[str, Any]) -> None:
    assert leaving_shares(stays(case), (1, 2)).shares == pytest.approx(floats(case["shares"]))
