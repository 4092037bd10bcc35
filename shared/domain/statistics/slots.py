"""Comparison of the times at which posts went out. Formula `slot_eb`; metrics.md names the source."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from shared.domain.statistics.arrays import Flags, Floats, Ints
from shared.domain.statistics.corrections import bonferroni
from shared.domain.statistics.effects import Effect, clip, measure, pooled_variance, smallest_visible_ratio
from shared.domain.statistics.shrinkage import shrink

FEWEST_POSTS = 30
FEWEST_IN_SLOT = 3
BUDGET = 0.05
BLOCK_HOURS = 3
_BLOCKS = range(24 // BLOCK_HOURS)
_SATURDAY = 5


class Days(StrEnum):
    """The days that a slot takes in."""

    ALL = "all"
    WORKING = "working"
    WEEKEND = "weekend"


class Slot(NamedTuple):
    """A block of three hours of the profile's own clock, the first beginning at midnight, on some of the days."""

    days: Days
    block: int


@dataclass(frozen=True, slots=True)
class SlotFigure:
    """A slot's posts against all others: measured, drawn towards the mean, and corrected for the many slots."""

    slot: Slot
    effect: Effect
    shown: float
    corrected: float


@dataclass(frozen=True, slots=True)
class SlotComparison:
    """Every slot that has posts enough, the winner if there is evidence for one, and the noise between posts."""

    figures: tuple[SlotFigure, ...]
    winner: SlotFigure | None
    noise: float

    @property
    def smallest_visible(self) -> float:
        """The ratio that the slot with the most posts would have shown in four of five cases."""
        return min(smallest_visible_ratio(self.noise, f.effect.number, f.effect.others) for f in self.figures)


def compare_slots(residuals: Floats, hours: Ints, weekdays: Ints) -> SlotComparison | None:
    """Compare the blocks, and those of working days and of weekends apart; None below 30 posts or with one slot alone.

    `hours` and `weekdays` (0 is Monday) are those of the profile's zone; posts without a residual take no part.
    Decided by the unshrunk difference over its standard error under Bonferroni, with 5 % for both directions together.
    """
    known = ~np.isnan(residuals)
    if known.sum() < FEWEST_POSTS:
        return None
    values = clip(residuals[known])
    blocks, weekend = hours[known] // BLOCK_HOURS, weekdays[known] >= _SATURDAY
    whole = _cells(blocks, [(Days.ALL, np.full(len(values), True))])
    split = _cells(blocks, [(Days.WORKING, ~weekend), (Days.WEEKEND, weekend)])
    noise = pooled_variance(values, [posts for _, posts in split])
    families = [_figures(values, noise, cells) for cells in (whole, split)]
    if not all(families) or noise[0] == 0:
        return None
    return _decide([figure for family in families for figure in family], noise[0] ** 0.5)


def _cells(blocks: Ints, days: Sequence[tuple[Days, Flags]]) -> list[tuple[Slot, Flags]]:
    """The slots that have any post."""
    cells = [(Slot(name, block), on & (blocks == block)) for name, on in days for block in _BLOCKS]
    return [(slot, posts) for slot, posts in cells if posts.any()]


def _figures(
    values: Floats, noise: tuple[float, int], cells: Sequence[tuple[Slot, Flags]]
) -> list[tuple[Slot, Effect, float]]:
    """Slot, effect and shrunk ratio of the slots with three posts in and three outside."""
    enough = [(s, p) for s, p in cells if FEWEST_IN_SLOT <= p.sum() <= len(values) - FEWEST_IN_SLOT]
    effects = [measure(values, posts, noise) for _, posts in enough]
    if not effects:
        return []
    differences = np.array([effect.difference for effect in effects])
    shown = np.exp(shrink(differences, np.array([effect.deviation for effect in effects]) ** 2).means)
    return [(slot, effect, float(one)) for (slot, _), effect, one in zip(enough, effects, shown, strict=True)]


def _decide(measured: Sequence[tuple[Slot, Effect, float]], noise: float) -> SlotComparison:
    corrected = bonferroni(np.array([effect.p for _, effect, _ in measured]))
    figures = tuple(SlotFigure(*one, float(p)) for one, p in zip(measured, corrected, strict=True))
    found = [figure for figure in figures if figure.effect.difference > 0 and figure.corrected <= BUDGET]
    return SlotComparison(figures, min(found, key=lambda figure: figure.corrected, default=None), noise)
