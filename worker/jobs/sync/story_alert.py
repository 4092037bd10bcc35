"""Alerts that syncing stopped while a story is live, with the time until which its viewers are shown."""

from __future__ import annotations

from datetime import datetime

from shared.db.pools import WorkerConnection
from shared.domain import zones
from shared.domain.stories import viewers_until
from shared.store.media import stories
from shared.store.profiles import alerts
from shared.store.profiles.alerts import AlertKind
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext


async def warn(ctx: JobContext, conn: WorkerConnection, profile: ProfileRow) -> None:
    """Raises `stories_at_risk` where a story was live at the last reading; otherwise does nothing."""
    live = await stories.live(conn, profile.user_id, profile.id)
    untils = [until for one in live if (until := viewers_until(one.posted_at, one.expires_at)) is not None]
    if not untils:
        return
    message = sentence(len(live), min(untils), profile.timezone)
    await alerts.raise_alert(
        conn,
        AlertKind.STORIES_AT_RISK,
        message,
        user_id=profile.user_id,
        profile_id=profile.id,
        job_id=ctx.job.id,
    )


def sentence(number: int, until: datetime, timezone: str) -> str:
    """The alert's sentence, with the time in the profile's zone."""
    local = until.astimezone(zones.zone(timezone))
    which = "a story is live" if number == 1 else f"{number} stories are live"
    whose = "its viewers" if number == 1 else "the viewers of the oldest"
    return (
        f"Rollcall cannot sync this account now, and {which}. Instagram shows {whose} until about"
        f" {local.day} {local:%b %Y, %H:%M} {local.tzname()}; connect again before then, or that list is lost."
    )
