"""Judges whether a series of figures still grows after the warm-up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from tests.rig.memory import MARK_DRIFT


@dataclass(frozen=True, slots=True)
class Life:
    """What is left when a browser has ended: how many processes there are, and how many MB are their own."""

    processes: int
    left: float


def complaints(lives: Sequence[Life]) -> list[str]:
    """Returns what grew after the warm-up, in sentences; an empty list where nothing did."""
    steady = lives[len(lives) // 2 :]
    wrong = []
    if steady[-1].processes != steady[0].processes:
        wrong.append(f"the number of processes changed: {[life.processes for life in lives]}")
    if (grown := growth([life.left for life in lives])) > MARK_DRIFT:
        wrong.append(f"the memory grows by {grown:.1%} in {len(lives)} lives: {[life.left for life in lives]} MB")
    return wrong


def growth(figures: Sequence[float]) -> float:
    """Returns what the later half's slope adds over the whole series, as a part of the later half's median.

    The first half is the warm-up. The slope is Theil and Sen's, the median over all pairs, so that one figure that
    stands out moves it little. Raises ValueError where the later half has fewer than two figures.
    """
    steady = figures[len(figures) // 2 :]
    if len(steady) < 2:
        raise ValueError("a slope needs two figures after the warm-up")
    slopes = [(later - earlier) / (n - m) for (m, earlier), (n, later) in combinations(enumerate(steady), 2)]
    return median(slopes) * (len(figures) - 1) / median(steady)
