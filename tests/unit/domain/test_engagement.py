"""Rates name their formula, keep numerator and denominator apart, and never make a number out of a missing one."""

from dataclasses import replace
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.engagement import Engagement, Figures, Formula, by_formula, choose, label, summarise
from shared.domain.social import MediaKind

KNOWN = Figures(MediaKind.REEL, 10, 5, saves=3, shares=2, plays=1000, reach=400, followers_at_post=200)


@pytest.mark.parametrize(
    ("figures", "engagement"),
    [
        (KNOWN, Engagement(Formula.REACH, 20, 400)),
        (replace(KNOWN, reach=None), Engagement(Formula.VIEWS, 17, 1000)),
        (replace(KNOWN, reach=0), Engagement(Formula.VIEWS, 17, 1000)),
        (replace(KNOWN, reach=None, saves=None, shares=None), Engagement(Formula.VIEWS, 15, 1000)),
        (replace(KNOWN, reach=None, plays=None), Engagement(Formula.FOLLOWERS_AT_POST, 18, 200)),
        (replace(KNOWN, reach=None, plays=0), Engagement(Formula.FOLLOWERS_AT_POST, 18, 200)),
        (replace(KNOWN, reach=None, kind=MediaKind.IMAGE), Engagement(Formula.FOLLOWERS_AT_POST, 18, 200)),
        (replace(KNOWN, reach=None, plays=None, followers_at_post=None), None),
        (replace(KNOWN, reach=None, plays=None, followers_at_post=0), None),
        (replace(KNOWN, likes=None), None),
        (replace(KNOWN, comments=None), None),
        (replace(KNOWN, likes=0, comments=0, saves=0, shares=0), Engagement(Formula.REACH, 0, 400)),
    ],
)
def test_the_first_formula_whose_inputs_are_known_is_chosen(figures: Figures, engagement: Engagement | None) -> None:
    assert choose(figures) == engagement


_COUNTS = st.none() | st.integers(0, 10**9)
_FIGURES = st.builds(
    Figures,
    kind=st.sampled_from(MediaKind),
    likes=_COUNTS,
    comments=_COUNTS,
    saves=_COUNTS,
    shares=_COUNTS,
    plays=_COUNTS,
    reach=_COUNTS,
    followers_at_post=_COUNTS,
)


@given(_FIGURES)
def test_a_rate_exists_only_with_both_public_counts_and_a_denominator_above_zero(figures: Figures) -> None:
    made = choose(figures)
    if made is None:
        return
    assert figures.likes is not None
    assert figures.comments is not None
    assert made.denominator > 0
    assert made.numerator >= figures.likes + figures.comments
    assert made.rate >= 0
    assert (made.formula is Formula.VIEWS) <= (figures.kind in (MediaKind.VIDEO, MediaKind.REEL, MediaKind.SHORT))


_ENGAGEMENTS = st.builds(Engagement, st.sampled_from(Formula), st.integers(0, 10**9), st.integers(1, 10**9))


@given(st.lists(_ENGAGEMENTS, min_size=1))
def test_a_summary_has_the_median_of_rates_and_the_mean_weighted_by_denominators(every: list[Engagement]) -> None:
    summary = summarise(every)
    assert summary is not None
    assert summary.n == len(every)
    assert summary.median == median(100 * one.numerator / one.denominator for one in every)
    weight = sum(one.denominator for one in every)
    assert summary.pooled == pytest.approx(sum(one.rate * one.denominator for one in every) / weight)
    assert summary.few == (len(every) < 5)
    assert summary.mixed == (len({one.formula for one in every}) > 1)
    assert sum(part.n for part in by_formula(every).values()) == summary.n


def test_one_viral_post_moves_the_pooled_mean_and_not_the_median() -> None:
    quiet = [Engagement(Formula.VIEWS, 1, 100)] * 4
    summary = summarise([*quiet, Engagement(Formula.VIEWS, 50_000, 100_000)])
    assert summary is not None
    assert summary.median == 1.0
    assert summary.pooled == pytest.approx(49.8, abs=0.05)


def test_nothing_has_no_summary() -> None:
    assert summarise([]) is None
    assert by_formula([]) == {}


def test_without_saves_and_shares_the_interactions_are_called_public() -> None:
    assert label(saves_known=False, shares_known=False) == "public interactions"
    assert label(saves_known=True, shares_known=False) == "interactions"
