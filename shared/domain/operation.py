"""Failed jobs, ended tokens and a quota that is nearly used up: what an installation needs its operators for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

LOOKED_BACK = timedelta(days=1)
"""Jobs that ended in this time are judged."""
FEWEST_JOBS = 20
"""So many jobs have to end before a share says anything."""
ENDED_LATELY = timedelta(days=7)
"""A token that ended longer ago is its person's matter: they were told, and did not connect again."""
_MOST_FAILED = 10


@dataclass(frozen=True, slots=True)
class Ended:
    """The jobs of a platform that ended in `LOOKED_BACK`; a cancelled one is neither."""

    platform: str
    completed: int
    failed: int

    @property
    def is_failing(self) -> bool:
        """Whether more than a tenth failed, of as many as say anything."""
        ended = self.completed + self.failed
        return ended >= FEWEST_JOBS and 100 * self.failed > _MOST_FAILED * ended


@dataclass(frozen=True, slots=True)
class QuotaState:
    """A quota on its present day; `is_spent` is the platform's own word."""

    quota: str
    units: int
    day_limit: int | None
    is_spent: bool

    @property
    def is_low(self) -> bool:
        """Whether nothing of it is left for scheduled syncs."""
        return self.is_spent or (self.day_limit is not None and 10 * self.units >= 9 * self.day_limit)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause for an episode: its kind, what it is about, and what its sentence says."""

    kind: str
    subject: str
    params: Mapping[str, Any]
