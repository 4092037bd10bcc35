"""CHECK_SESSION: asks the platform whose session this is, and records the answer."""

from __future__ import annotations

from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Makes one request in most cases; raises what `open_session` raises, which makes that request."""
    ctx.progress("session", 0, None)
    async with open_session(ctx, services):
        pass
    ctx.log.info("session_answered")
