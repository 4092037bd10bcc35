"""Grants that a failed CONNECT leaves: revoked at once, or by a job where the provider does not answer."""

from __future__ import annotations

from uuid import uuid4

from shared.domain import backoff
from shared.errors import JobError, RollcallError
from shared.errors.effect import JobEffect
from shared.store.profiles import granted
from shared.store.queue import claims
from shared.store.users import data_keys
from shared.vault import Place
from worker.jobs.base import JobContext
from worker.jobs.connect.provider_way import ProviderWay, is_shared
from worker.platforms.authorization import Grant
from worker.services import Services


async def drop_after(ctx: JobContext, services: Services, way: ProviderWay, grant: Grant, error: RollcallError) -> None:
    """Revokes a grant that is stored nowhere, where the job ends with this error.

    It stays where the same login may have opened another connection of the user, or has opened one of anyone.
    """
    if not await _is_the_end(ctx, error):
        return
    async with ctx.reading() as conn:
        others = await granted.connected_ids(conn, ctx.job.user_id, way.platform.name, way.way_in)
    if others or await is_shared(ctx, way, grant.secret):
        return
    try:
        await way.authorizer.revoke(grant.secret)
    except JobError as error:
        if error.effect.job not in (JobEffect.FAIL, JobEffect.CANCEL):
            await _revoke_later(ctx, services, way, grant)


async def _is_the_end(ctx: JobContext, error: RollcallError) -> bool:
    """Whether the job is not tried again after this error, so that no one comes back for its grant."""
    if error.effect.job in (JobEffect.FAIL, JobEffect.CANCEL):
        return True
    if error.effect.job is not JobEffect.RETRY:
        return False
    async with ctx.reading() as conn:
        counted = await claims.failures(conn, ctx.job.id, ctx.job.fence)
    return counted is not None and backoff.is_last(failures=counted[0], max_attempts=counted[1])


async def _revoke_later(ctx: JobContext, services: Services, way: ProviderWay, grant: Grant) -> None:
    """Leaves the token, encrypted as a connection's, to a REVOKE job."""
    user_id, stored_for = ctx.job.user_id, uuid4()
    async with ctx.transaction() as conn:
        key = await data_keys.data_key(conn, services.keyring, user_id)
        secret = key.encrypt(grant.secret.text.encode(), Place("connections", "secret", user_id, stored_for))
        await granted.revoke_later(conn, user_id, way.platform.name, way.way_in, stored_for, secret)
