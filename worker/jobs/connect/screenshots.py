"""Stores a picture of the page at which a login failed. Without a picture the job ends in the same way."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from playwright.async_api import BrowserContext

from shared.store.queue import login_screenshots
from worker.jobs.base import JobContext
from worker.platforms.instagram_web.login import screenshot
from worker.services import Services


async def keep(ctx: JobContext, services: Services, context: BrowserContext, secrets: Sequence[str]) -> None:
    """Stores the site's present page as a picture, with secrets covered; raises LeaseLost and nothing else."""
    if ctx.job.profile_id is None:
        return
    taken = await screenshot.take(context, services.settings.instagram_base_url, secrets)
    if taken is None or len(taken) > login_screenshots.MOST_BYTES:
        ctx.log.info("login_not_pictured", bytes=None if taken is None else len(taken))
        return
    try:
        async with ctx.transaction() as conn:
            await login_screenshots.keep(conn, ctx.job.user_id, ctx.job.profile_id, ctx.job.id, taken)
    except psycopg.OperationalError as error:
        ctx.log.warning("login_picture_not_kept", error=type(error).__name__)
