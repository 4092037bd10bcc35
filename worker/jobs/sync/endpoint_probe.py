"""PROBE: tries one page over each disabled list endpoint, and enables it again where it answers."""

from __future__ import annotations

from shared.domain.social import Direction, ProfileFacts
from shared.errors import UnexpectedAnswer, UnknownUser
from shared.store.followers import endpoints
from shared.store.followers.endpoints import Rest
from worker.jobs.base import JobContext
from worker.jobs.connect.session import open_session
from worker.jobs.sync.steps import profile_of
from worker.platforms.base import ProfileSource
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
        facts = (await source.profile(profile.username)).value
        for rest in due:
            ctx.check()
            answers = await _answers(source, facts, rest)
            ctx.log.info("route_tried", direction=rest.direction, route=rest.route, answers=answers)
            if answers:
                async with ctx.transaction() as conn:
                    await endpoints.put_back(conn, of, rest.direction, rest.route)


async def _answers(source: ProfileSource, facts: ProfileFacts, rest: Rest) -> bool:
    """Whether the endpoint shows people, or none where the profile counts none."""
    reported = facts.followers if rest.direction is Direction.FOLLOWER else facts.following
    try:
        reading = await source.people(rest.direction, facts.platform_id, facts.username, None, rest.route)
    except (UnexpectedAnswer, UnknownUser):
        return False
    return bool(reading.value.people) or reported == 0
