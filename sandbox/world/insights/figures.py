"""Figures of one piece, or of one account, over a stretch of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts that can be added, taken from each other and cut short."""

    views: int = 0
    reach: int = 0
    """People who viewed; of several pieces or days it is the sum, in which a person may be several times."""
    likes: int = 0
    comments: int = 0
    saves: int = 0
    shares: int = 0
    reposts: int = 0
    replies: int = 0
    follows: int = 0
    visits: int = 0
    """Visits of the profile that began at the piece."""
    taps: int = 0
    """Taps on the profile's link or its buttons that began at the piece."""
    watched: int = 0
    """Milliseconds."""

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(mine + theirs for mine, theirs in zip(self.counts(), other.counts(), strict=True)))

    def __sub__(self, other: Figures) -> Figures:
        return Figures(*(mine - theirs for mine, theirs in zip(self.counts(), other.counts(), strict=True)))

    def counts(self) -> tuple[int, ...]:
        """Return the counts in the order of the fields."""
        return tuple(getattr(self, name) for name in _NAMES)

    def part(self, share: float) -> Figures:
        """Return the figures of which only ``share`` is counted so far."""
        return self if share >= 1 else Figures(*(int(count * share) for count in self.counts()))

    @property
    def interactions(self) -> int:
        """Everything that people did with the piece."""
        return self.likes + self.comments + self.saves + self.shares + self.reposts + self.replies


_NAMES = tuple(field.name for field in fields(Figures))


def total(many: Iterable[Figures]) -> Figures:
    """Return the sum."""
    rows = [figures.counts() for figures in many]
    return Figures(*map(sum, zip(*rows, strict=True))) if rows else Figures()


def together(counts: Iterable[int]) -> int:
    """Return how many people there are in several crowds that overlap: at least the largest, at most the sum."""
    return int(sum(count**_OVERLAP for count in counts if count > 0) ** (1 / _OVERLAP) + 1e-9)


_OVERLAP = 1.5
