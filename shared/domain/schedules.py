"""The schedule of a kind of sync: how often a profile has it, and when next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.job_kinds import EVERY
from shared.domain.jobs import JobKind


@dataclass(frozen=True, slots=True)
class KindSchedule:
    """`next_at` (aware) is None while the kind is not scheduled; an automatic interval follows the plan."""

    every: timedelta
    next_at: datetime | None
    is_automatic: bool


# Their interval depends on no limit and no size.
_FIXED = frozenset({JobKind.CHECK_SESSION, JobKind.DERIVE, JobKind.SYNC_INSIGHTS, JobKind.SYNC_AUDIENCE})
DEFAULTS: Mapping[JobKind, KindSchedule] = {
    kind: KindSchedule(every, None, is_automatic=kind not in _FIXED) for kind, every in EVERY.items()
}
"""The schedules of a new profile."""
