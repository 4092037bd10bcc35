"""SYNC_PROFILE: reads the profile's present facts and counters."""

from __future__ import annotations

from shared.domain.plan import Size, plan
from shared.domain.social import Observation, ProfileFacts
from shared.errors import WrongAccount
from shared.platforms import platform_of
from shared.store.profiles import budget, counters, profiles
from shared.store.profiles.profiles import ProfileRow
from shared.store.queue import schedule
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync.origin import source_of
from worker.platforms.base import ReadsProfile
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Syncs the profile in a session of its own; raises what `open_session` and the source raise."""
    async with open_session(ctx, services) as (profile, source):
        await step(ctx, services, profile, source)


async def step(ctx: JobContext, services: Services, profile: ProfileRow, source: ReadsProfile) -> None:
    """Reads and stores the profile, its new name included. Raises WrongAccount if the session sees another account."""
    ctx.progress("profile", 0, 1)
    reading = await source.profile(profile.username)
    await _save(ctx, services, profile, reading)
    ctx.progress("profile", 1, 1)


async def _save(ctx: JobContext, services: Services, profile: ProfileRow, reading: Observation[ProfileFacts]) -> None:
    facts, observed_at = reading.value, reading.observed_at
    if profile.external_id not in (None, facts.platform_id):
        raise WrongAccount
    platform = platform_of(profile.platform)
    async with ctx.transaction() as conn:
        if await profiles.has_twin(conn, profile.user_id, profile.id, facts.platform_id):
            raise WrongAccount().as_variant("other_name")
        source = await source_of(ctx, conn)
        if profile.observed_at is None or observed_at >= profile.observed_at:
            other_id = source in platform.other_ids
            await profiles.save_facts(conn, profile.user_id, profile.id, facts, observed_at, has_other_id=other_id)
        size = Size(facts.followers, facts.following, facts.media_count)
        planned = plan(size, budget.limits(services.settings, platform))
        await schedule.follow(conn, profile.user_id, profile.id, planned.intervals())
        moved = await counters.record(conn, profile.user_id, profile.id, facts, observed_at, source=source)
    ctx.log.info("profile_read", moved=moved, renamed=facts.username.lower() != profile.username.lower())
