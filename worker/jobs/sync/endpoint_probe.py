"""PROBE_ENDPOINTS: tries one page over each disabled list endpoint, and enables it again where it answers."""

from __future__ import annotations

from shared.domain.social import Direction, ProfileFacts
from shared.errors import NotOffered, UnexpectedAnswer, UnknownUser
from shared.store.followers import endpoints
from shared.store.followers.endpoints import DisabledEndpoint
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync.steps import profile_of
from worker.platforms.base import ReadsPeople
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """Raises what `open_session` and the profile's reading raise; an endpoint that does not answer is no error."""
    profile = await profile_of(ctx)
    of = endpoints.Owner(profile.user_id, profile.id, ctx.job.id)
    async with ctx.transaction() as conn:
        due = await endpoints.take_due(conn, of)
    if not due:
        return
    async with open_session(ctx, services) as (_, source):
        if not isinstance(source, ReadsPeople):
            raise NotOffered
        facts = (await source.profile(profile.username)).value
        for disabled in due:
            ctx.check()
            answers = await _answers(source, facts, disabled)
            ctx.log.info("endpoint_tried", direction=disabled.direction, endpoint=disabled.endpoint, answers=answers)
            if answers:
                async with ctx.transaction() as conn:
                    await endpoints.enable(conn, of, disabled.direction, disabled.endpoint)


async def _answers(source: ReadsPeople, facts: ProfileFacts, disabled: DisabledEndpoint) -> bool:
    """Whether the endpoint shows people, or none where the profile counts none."""
    reported = facts.followers if disabled.direction is Direction.FOLLOWER else facts.following
    try:
        reading = await source.people(disabled.direction, facts.platform_id, facts.username, None, disabled.endpoint)
    except (UnexpectedAnswer, UnknownUser):
        return False
    return bool(reading.value.people) or reported == 0
