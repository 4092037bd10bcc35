"""Alerts that syncing stopped while a story is live, with the time until which its viewers are shown."""

from __future__ import annotations

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.domain.stories import viewers_until
from shared.store.media import stories
from shared.store.profiles import alerts, connections
from shared.store.profiles.alerts import AlertKind
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext


async def warn(ctx: JobContext, conn: WorkerConnection, profile: ProfileRow) -> None:
    """Raises `stories_at_risk` where a story was live at the last reading, and no other connection reads stories."""
    if await connections.choose(conn, profile.user_id, profile.id, [JobKind.SYNC_STORIES]):
        return
    live = await stories.live(conn, profile.user_id, profile.id)
    untils = [until for one in live if (until := viewers_until(one.posted_at, one.expires_at)) is not None]
    if not untils:
        return
    params = {"number": len(live), "until": min(untils).isoformat(), "timezone": profile.timezone}
    await alerts.raise_alert(
        conn,
        AlertKind.STORIES_AT_RISK,
        params,
        user_id=profile.user_id,
        profile_id=profile.id,
        job_id=ctx.job.id,
    )
