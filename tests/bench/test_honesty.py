"""The honesty bench tells a world with an effect from one without."""

import numpy as np

from bench import honesty, honesty_worlds


def test_planted_effects_are_found_and_absent_ones_seldom() -> None:
    rates = honesty.honesty(accounts=12, seed=3)["rates"]
    found = [rates[name]["rate"] for name in ("evening_found", "tag_found", "loss_found")]
    absent = [rates[name]["rate"] for name in ("false_winners", "coloured_lists")]
    assert min(found) > 0.5 > max(absent)
    assert rates["false_alarms"]["rate"] < 3


def test_a_rate_meets_its_mark_by_its_upper_bound() -> None:
    many = honesty._share(lambda _, number: number < 4, 100, 7, honesty.FALSE_WINNERS, least=False)
    assert (many["rate"], many["met"]) == (0.04, False)
    none = honesty._share(lambda _, number: False, 100, 7, honesty.FALSE_WINNERS, least=False)
    assert none["met"]


def test_the_evening_has_its_posts_and_no_other_post_is_in_it() -> None:
    posts = honesty_worlds.posts(np.random.default_rng(1), 200, evenings=30)
    assert (posts.hours // 3 == honesty_worlds.EVENING).sum() == 30
