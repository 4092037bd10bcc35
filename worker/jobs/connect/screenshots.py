"""Screenshots of the pages at which logins stop: taken where they can be, and done without where they cannot."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from playwright.async_api import BrowserContext

from shared.store.queue import login_screenshots
from worker.jobs.connect.connection import ConnectionContext


async def keep(connection: ConnectionContext, context: BrowserContext, secrets: Sequence[str]) -> None:
    """Keeps what the site's page shows now, everything secret covered; raises LeaseLost and nothing else."""
    ctx, profile = connection.ctx, connection.profile
    taken = await connection.login.take_screenshot(context, secrets)
    if taken is None or len(taken) > login_screenshots.MOST_BYTES:
        ctx.log.info("login_not_pictured", bytes=None if taken is None else len(taken))
        return
    try:
        async with ctx.transaction() as conn:
            await login_screenshots.keep(conn, profile.user_id, profile.id, ctx.job.id, taken)
    except psycopg.OperationalError as error:
        ctx.log.warning("login_picture_not_kept", error=type(error).__name__)
