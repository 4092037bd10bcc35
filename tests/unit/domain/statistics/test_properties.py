"""What holds for the statistics whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.statistics.arrays import Floats
from shared.domain.statistics.corrections import benjamini_hochberg, bonferroni, passing
from shared.domain.statistics.effects import clip, measure, smallest_visible_ratio
from shared.domain.statistics.intervals import bounds_with_unknown, median_interval, share_interval
from shared.domain.statistics.residuals import residuals
from shared.domain.statistics.shrinkage import shrink
from shared.domain.statistics.slots import Days, Slot, compare_slots
from shared.domain.statistics.surprises import baseline, episode_starts, is_large_loss, threshold
from shared.domain.statistics.survival import Stays, kaplan_meier, leaving_shares
from shared.domain.statistics.tags import compare_tags, npmi, same_tags

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=25, deadline=None)


def noise(seed: int, number: int) -> Floats:
    return np.random.default_rng(seed).normal(0, 0.8, number)


def times(number: int) -> Floats:
    return np.arange(number, dtype=np.float64) * 86_400


@few
@given(seeds, st.floats(0.1, 50), st.integers(10, 80))
def test_a_larger_account_and_another_format_change_no_residual(seed: int, factor: float, number: int) -> None:
    levels = 5 + noise(seed, number)
    formats = np.random.default_rng(seed).integers(0, 2, number)
    plain = residuals(times(number), np.expm1(levels), formats)
    grown = residuals(times(number), np.expm1(levels + np.log(factor) * formats), formats)
    np.testing.assert_allclose(plain, grown, atol=1e-6)


def test_a_post_without_a_count_and_one_with_seven_neighbours_have_no_residual() -> None:
    counts = np.full(9, 10.0)
    zeros = np.zeros(9, dtype=np.int64)
    assert not np.isnan(residuals(times(9), counts, zeros)).any()
    counts[4] = np.nan
    assert np.isnan(residuals(times(9), counts, zeros)).all()


def test_posts_on_two_sides_of_a_break_are_no_neighbours() -> None:
    counts = np.repeat([10.0, 1000.0], 20)
    across = residuals(times(40), counts, np.zeros(40, dtype=np.int64))
    apart = residuals(times(40), counts, np.zeros(40, dtype=np.int64), np.array([19.5 * 86_400]))
    assert np.abs(across).max() > 1
    np.testing.assert_allclose(apart, 0)


@few
@given(st.integers(0, 200), st.integers(0, 200))
def test_a_share_lies_in_its_interval_and_in_the_bounds_of_the_unknown(part: int, rest: int) -> None:
    interval = share_interval(part, part + rest)
    bounds = bounds_with_unknown(part, part + rest, rest)
    if interval is None or bounds is None:
        assert part + rest == 0
        return
    share = part / (part + rest)
    assert 0 <= interval.low <= share + 1e-12
    assert share - 1e-12 <= interval.high <= 1
    assert bounds.low <= share + 1e-12
    assert bounds.low <= bounds.high


@few
@given(seeds, st.integers(6, 80))
def test_a_median_lies_between_two_of_the_values(seed: int, number: int) -> None:
    values = noise(seed, number)
    interval = median_interval(values)
    assert interval is not None
    assert interval.low <= np.median(values) <= interval.high
    assert {interval.low, interval.high} <= set(values.tolist())


@few
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_budget_for_all_is_stricter_than_one_for_each(p_values: list[float]) -> None:
    p = np.array(p_values)
    strict, loose = bonferroni(p), benjamini_hochberg(p)
    assert (p <= loose + 1e-12).all()
    assert (loose <= strict + 1e-12).all()
    assert (passing(strict) <= passing(loose)).all()
    assert (np.diff(loose[np.argsort(p)]) >= -1e-12).all()


@few
@given(seeds, st.integers(2, 30))
def test_shrinkage_only_draws_inwards(seed: int, number: int) -> None:
    means, variances = noise(seed, number), np.random.default_rng(seed).uniform(0.01, 2, number)
    made = shrink(means, variances)
    assert means.min() - 1e-12 <= made.means.min()
    assert made.means.max() <= means.max() + 1e-12
    if made.between == 0:
        assert np.ptp(made.means) < 1e-12


@few
@given(seeds, st.integers(5, 40), st.integers(5, 40))
def test_an_effect_turns_with_its_sides_and_lies_in_its_interval(seed: int, inside: int, outside: int) -> None:
    values, member = noise(seed, inside + outside), np.arange(inside + outside) < inside
    there, back = measure(values, member), measure(values, ~member)
    assert there.difference == pytest.approx(-back.difference)
    assert there.p == pytest.approx(back.p)
    assert there.interval.low < there.ratio < there.interval.high
    assert (there.p <= 0.05) is not (there.interval.low <= 1 <= there.interval.high)


def test_one_post_that_everybody_saw_is_drawn_in() -> None:
    values = np.append(noise(1, 40), 12.0)
    assert clip(values).max() < 5
    assert np.median(clip(values)) == np.median(values)


def test_the_smallest_visible_ratios_are_those_of_the_notes() -> None:
    assert [round(smallest_visible_ratio(0.8, n, n), 1) for n in (15, 50, 100)] == [2.3, 1.6, 1.4]


@few
@given(seeds)
def test_an_evening_that_does_five_times_better_wins(seed: int) -> None:
    number = 120
    rng = np.random.default_rng(seed)
    hours, weekdays = rng.integers(0, 24, number), rng.integers(0, 7, number)
    values = noise(seed, number) + np.log(5) * (hours // 3 == 6)
    made = compare_slots(values, hours, weekdays)
    assert made is not None
    assert made.winner is not None
    assert made.winner.slot.block == 6
    assert made.winner.shown <= max(figure.effect.ratio for figure in made.figures)


def test_below_thirty_posts_no_times_are_compared() -> None:
    clock = np.arange(30) % 24
    values = noise(3, 30)
    assert compare_slots(values, clock, clock % 7) is not None
    values[0] = np.nan
    assert compare_slots(values, clock, clock % 7) is None


def test_posts_of_one_slot_compare_with_nothing() -> None:
    assert compare_slots(noise(3, 40), np.full(40, 19), np.full(40, 1)) is None
    assert Slot(Days.ALL, 6).block == 6


def test_tags_that_always_stand_together_are_one_row_and_only_the_strong_tag_is_marked() -> None:
    rng = np.random.default_rng(5)
    used = rng.random((200, 6)) < 0.3
    used[:, 1] = used[:, 0]
    lifts = compare_tags(noise(5, 200) + np.log(4) * used[:, 3], used)
    assert [lift.tags for lift in lifts] == [(0, 1), (2,), (3,), (4,), (5,)]
    assert [lift.tags for lift in lifts if lift.marked] == [(3,)]
    assert same_tags(used) == [[0, 1], [2], [3], [4], [5]]


def test_a_tag_on_four_posts_is_not_listed() -> None:
    used = np.zeros((40, 2), dtype=np.bool_)
    used[:4, 0], used[:5, 1] = True, True
    assert [lift.tags for lift in compare_tags(noise(2, 40), used)] == [(1,)]


@few
@given(seeds)
def test_the_company_of_tags_is_between_minus_one_and_one(seed: int) -> None:
    used = np.random.default_rng(seed).random((60, 5)) < 0.4
    used[:, 4] = used[:, 3]
    made = npmi(used)
    assert np.nanmax(np.abs(made)) <= 1 + 1e-12
    np.testing.assert_allclose(made, made.T)
    assert made[3, 4] == pytest.approx(1)


def test_the_usual_needs_twenty_eight_known_days_and_follows_the_weekday() -> None:
    history = np.tile([70.0, 10, 10, 10, 10, 10, 10], 8)
    assert baseline(history[:27]) is None
    sunday, monday = baseline(history), baseline(history[:-6])
    assert sunday is not None
    assert monday is not None
    assert sunday.mean > 2 * monday.mean
    assert sunday.usual_range().low <= sunday.mean <= sunday.usual_range().high


@few
@given(seeds, st.integers(0, 60))
def test_a_higher_loss_is_never_less_surprising(seed: int, lost: int) -> None:
    usual = baseline(np.random.default_rng(seed).negative_binomial(3, 0.4, 56).astype(np.float64))
    assert usual is not None
    assert usual.probability(lost + 1) <= usual.probability(lost)
    assert usual.probability(10 * max(usual.mean, 3)) < threshold(4)


def test_a_day_that_alarmed_does_not_raise_the_usual() -> None:
    history = np.tile([4.0, 5, 6, 5], 14)
    loud = history.copy()
    loud[50] = 400
    calm, marked = baseline(history), baseline(loud, np.arange(56) == 50)
    assert calm is not None
    assert marked is not None
    assert marked.mean == pytest.approx(calm.mean, rel=0.05)


def test_a_large_series_is_judged_by_the_spread_of_its_logs() -> None:
    usual = baseline(np.random.default_rng(1).lognormal(10, 0.1, 56))
    assert usual is not None
    assert usual.formula == "mad_z"
    assert usual.probability(usual.mean) > 0.5 > 1e-4 > usual.probability(10 * usual.mean)


def test_a_small_loss_is_none_to_speak_of_and_alarms_within_a_week_are_one() -> None:
    assert [is_large_loss(lost, 2000) for lost in (9, 10)] == [False, True]
    assert not is_large_loss(4, 100)
    alarms = np.zeros(30, dtype=np.bool_)
    alarms[[3, 4, 11, 25]] = True
    assert np.flatnonzero(episode_starts(alarms)).tolist() == [3, 25]


@few
@given(seeds, st.integers(2, 60))
def test_who_stays_and_who_left_make_all(seed: int, number: int) -> None:
    rng = np.random.default_rng(seed)
    entry = np.where(rng.random(number) < 0.3, rng.integers(0, 5, number), 0).astype(np.float64)
    stays = Stays(entry, entry + rng.integers(1, 20, number), rng.integers(0, 3, number))
    shares, curve = leaving_shares(stays, (1, 2)), kaplan_meier(stays)
    np.testing.assert_allclose(shares.shares.sum(axis=0) + shares.still, 1)
    assert (np.diff(curve.share) <= 1e-12).all()
    assert (curve.at_risk >= curve.left).all()
    assert (curve.cut().at_risk >= 10).all()
