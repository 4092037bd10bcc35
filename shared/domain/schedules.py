"""The schedule of a kind of sync: how often a profile has it, and when next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.jobs import JobKind


@dataclass(frozen=True, slots=True)
class KindSchedule:
    """`next_at` (aware) is None while the kind is not scheduled; an automatic interval follows the plan."""

    every: timedelta
    next_at: datetime | None
    is_automatic: bool


_HOUR = timedelta(hours=1)
DEFAULTS: Mapping[JobKind, KindSchedule] = {
    JobKind.SYNC_PROFILE: KindSchedule(6 * _HOUR, None, is_automatic=True),
    JobKind.SYNC_FOLLOWERS: KindSchedule(24 * _HOUR, None, is_automatic=True),
    JobKind.SYNC_FOLLOWING: KindSchedule(24 * _HOUR, None, is_automatic=True),
    JobKind.SYNC_MEDIA: KindSchedule(8 * _HOUR, None, is_automatic=True),
    JobKind.SYNC_STORIES: KindSchedule(2 * _HOUR, None, is_automatic=True),
    JobKind.SYNC_LIKERS: KindSchedule(24 * _HOUR, None, is_automatic=True),
    JobKind.CHECK_SESSION: KindSchedule(24 * _HOUR, None, is_automatic=False),
}
"""What a new profile begins with."""
