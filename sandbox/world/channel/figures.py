"""Figures of one stretch of time, which can be added, cut short and divided without losing a view."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one video or one channel over a stretch of time."""

    views: int = 0
    engaged: int = 0
    """Views by the older meaning, without those that ended at once."""
    seconds: int = 0
    """Seconds watched."""
    possible: int = 0
    """Seconds that all views would have had if each had gone to the end."""
    likes: int = 0
    comments: int = 0
    shares: int = 0
    gained: int = 0
    lost: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(mine + theirs for mine, theirs in zip(self.counts(), other.counts(), strict=True)))

    def counts(self) -> tuple[int, ...]:
        """Return the counts in the order of the fields."""
        return (
            self.views,
            self.engaged,
            self.seconds,
            self.possible,
            self.likes,
            self.comments,
            self.shares,
            self.gained,
            self.lost,
        )

    def part(self, share: float) -> Figures:
        """Return the figures when only ``share`` of the time is over; they never fall while it passes."""
        return self if share >= 1 else Figures(*(int(count * share) for count in self.counts()))

    @property
    def minutes(self) -> int:
        """The whole minutes watched."""
        return self.seconds // 60

    @property
    def average_seconds(self) -> int:
        """The mean length of a view, 0 without views."""
        return self.seconds // self.views if self.views else 0

    @property
    def average_share(self) -> float:
        """The mean percentage of a video that a view lasted, 0 without views."""
        return round(100 * self.seconds / self.possible, 2) if self.possible else 0.0


def total(many: Iterable[Figures]) -> Figures:
    """Return the sum."""
    rows = [figures.counts() for figures in many]
    return Figures(*map(sum, zip(*rows, strict=True))) if rows else Figures()


def divide(whole: Figures, weights: Mapping[str, float], phase: float) -> dict[str, Figures]:
    """Divide figures by weights that sum to 1; the parts sum to the whole exactly.

    ``phase``, from 0 to below 1, decides which part gets what cannot be divided.
    """
    bounds, reached = [], 0.0
    for weight in weights.values():
        reached += weight
        bounds.append(reached)
    bounds[-1] = 1.0
    columns = [_steps(count, bounds, phase) for count in whole.counts()]
    return {name: Figures(*row) for name, row in zip(weights, zip(*columns, strict=True), strict=True)}


def _steps(count: int, bounds: list[float], phase: float) -> list[int]:
    marks = [0, *(min(math.floor(count * bound + phase), count) for bound in bounds)]
    return [after - before for before, after in itertools.pairwise(marks)]
