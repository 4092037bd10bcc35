"""Adds what only reports know of a page of videos: their engaged views, and which of them are Shorts.

A video has neither before its first day is counted, two to three days after it was published; until then it is a video
without engaged views. Its length says nothing about its kind: a Short may have three minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.insights import Days
from shared.domain.social import Media, MediaKind
from shared.errors import AppRefused, PermissionMissing, QuotaSpent, ReportRefused
from shared.platforms.youtube import DAY_ZONE
from worker.platforms.youtube.insights import ChannelReports

# What costs these figures and not the list of videos.
_WITHOUT = (AppRefused, PermissionMissing, QuotaSpent, ReportRefused)


@dataclass(frozen=True, slots=True)
class VideoReports:
    """Two reports for each page of the uploads, both over the life of its videos."""

    reports: ChannelReports

    async def add_to(self, videos: Sequence[Media], now: datetime) -> list[Media]:
        """The videos, in their order, with what is known of them; as they were where the reports are refused."""
        days = _life_of(videos, now)
        if days is None:
            return list(videos)
        ids = [str(one.platform_id) for one in videos]
        try:
            engaged = await self.reports.of_videos(days, ids)
            shorts = await self.reports.shorts(days, ids)
        except _WITHOUT:
            return list(videos)
        return [_with(one, engaged.get(one.platform_id), one.platform_id in shorts) for one in videos]


def _life_of(videos: Sequence[Media], now: datetime) -> Days | None:
    """From the day of the oldest to yesterday, in Pacific time; None where no video is that old."""
    first = min((_day(one.posted_at) for one in videos if one.posted_at is not None), default=None)
    last = _day(now) - timedelta(days=1)
    return None if first is None or first > last else Days(first, last)


def _day(moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(DAY_ZONE)).date()


def _with(video: Media, engaged: int | None, is_short: bool) -> Media:
    kind = MediaKind.SHORT if is_short else video.kind
    return replace(video, kind=kind, metrics=replace(video.metrics, engaged_views=engaged))
