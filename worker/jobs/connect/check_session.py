"""CHECK_SESSION: asks the platform whose session this is, and lets what it answers be marked and told."""

from __future__ import annotations

from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """One request for most; raises what `open_session` raises, which asks before anything else."""
    ctx.progress("session", 0, None)
    async with open_session(ctx, services):
        pass
    ctx.log.info("session_answered")
