"""Decides whether today's budget has room for optional work: lists and counters go first."""

from __future__ import annotations

from shared.platforms import platform_of
from shared.store.profiles import budget
from shared.store.profiles.profiles import ProfileRow
from worker.jobs.base import JobContext


async def has_room(ctx: JobContext, profile: ProfileRow, requests: int = 1) -> bool:
    """Whether `requests` more leave lists and counters what they still need today; always True without a budget."""
    pages = platform_of(profile.platform).page_sizes
    async with ctx.reading() as conn:
        left = await budget.remaining(conn, profile.user_id, ctx.job.connection_id)
        kept = await budget.reserve(conn, profile.user_id, ctx.job.connection_id, pages)
    return left is None or left - requests >= kept
