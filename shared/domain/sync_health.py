"""Judges the syncs of a platform by the jobs that ended in a day. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SPAN = timedelta(hours=24)
COUNTS_FROM = 20
"""Fewer jobs say nothing about a platform."""
MOST_FAILED = 0.1


@dataclass(frozen=True, slots=True)
class PlatformHealth:
    """The jobs that ended in SPAN; `last_success` is the newest good end, None where there was none for long."""

    platform: str
    completed: int
    failed: int
    last_success: datetime | None

    @property
    def share(self) -> float | None:
        """The failed part of the jobs that ended, from 0 to 1; None where none ended."""
        ended = self.completed + self.failed
        return self.failed / ended if ended else None

    @property
    def healthy(self) -> bool:
        """Whether at most a tenth failed, or too few ended to say."""
        ended = self.completed + self.failed
        return ended < COUNTS_FROM or self.failed <= ended * MOST_FAILED
