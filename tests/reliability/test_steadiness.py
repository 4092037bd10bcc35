"""A warm-up is no growth, and growth is told as such."""

from itertools import accumulate, repeat

import pytest

from tests.reliability.steadiness import Life, complaints, growth

# As it was measured beside other work: the caches of the first readings, then nothing more.
WARM_UP = (99.7, 109.4, 110.8, 110.8)
NOISE = (0.3, -0.2, 0.4, -0.4, 0.1, -0.3, 0.2, 0.0, -0.1, 0.3)


def lives(figures: tuple[float, ...], processes: int = 1) -> list[Life]:
    return [Life(processes, left) for left in figures]


def growing(by: float, count: int) -> tuple[float, ...]:
    return tuple(accumulate(repeat(100.0, count), lambda left, _: left * (1 + by)))


@pytest.mark.parametrize(
    "figures",
    [
        WARM_UP,
        (*WARM_UP, 110.9, 110.7, 110.8, 110.8, 110.9, 110.8),
        (90.0, 99.0, 104.0, 107.0, 109.0, 110.0, 110.2, 110.1, 110.3, 110.2),
        tuple(110 + one for one in NOISE),
        (100.0, 104.0, 110.0, 110.0, 110.0, 110.0, 118.0, 110.0, 110.0, 110.0),
        (120.0, 118.0, 116.0, 114.0, 112.0, 110.0),
    ],
)
def test_a_warm_up_noise_and_one_figure_that_stands_out_are_no_growth(figures: tuple[float, ...]) -> None:
    assert complaints(lives(figures)) == []


@pytest.mark.parametrize(
    "figures",
    [
        growing(0.05, 4),
        growing(0.05, 10),
        growing(0.02, 10),
        tuple(100 + number + noise for number, noise in enumerate(NOISE)),
        # The same warm-up, and a leak that begins with the first reading and goes on behind it.
        tuple(left + 1.5 * number for number, left in enumerate((*WARM_UP, *([110.8] * 6)))),
    ],
)
def test_growth_that_goes_on_is_told_with_its_figures(figures: tuple[float, ...]) -> None:
    (told,) = complaints(lives(figures))
    assert "the memory grows by" in told
    assert str(figures[-1]) in told


def test_a_process_more_after_the_warm_up_is_told() -> None:
    (told,) = complaints([*lives(WARM_UP[:3]), *lives(WARM_UP[3:], processes=2)])
    assert "processes" in told


def test_growth_needs_two_figures_after_the_warm_up() -> None:
    with pytest.raises(ValueError, match="two figures"):
        growth((100.0,))
