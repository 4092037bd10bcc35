"""REVOKE: ends the access of a connection that its person has disconnected, at the provider too."""

from __future__ import annotations

from uuid import UUID

from shared.errors import SecretsGone, VaultError
from shared.store.users import data_keys
from shared.vault import Place
from worker.jobs.base import JobContext
from worker.jobs.connect.provider_way import is_shared, way_of
from worker.platforms.base import SessionSecret
from worker.services import Services


async def run(ctx: JobContext, services: Services) -> None:
    """The token lies in the job, encrypted as it was in the connection, and is erased when the job ends.

    Nothing is revoked while another connection lives from the same login. Raises SecretsGone for a token that does not
    open any more, and what the authorizer raises.
    """
    secret, way = await _token(ctx, services), way_of(ctx, services)
    if await is_shared(ctx, way, secret, UUID(ctx.job.args["connection_id"])):
        ctx.log.info("access_kept_for_another", way_in=way.way_in)
        return
    await way.authorizer.revoke(secret)
    ctx.log.info("access_revoked", way_in=ctx.job.args["way_in"])


async def _token(ctx: JobContext, services: Services) -> SessionSecret:
    job = ctx.job
    if job.sealed is None:
        raise SecretsGone
    encrypted_to = Place("connections", "secret", job.user_id, UUID(job.args["connection_id"]))
    try:
        async with ctx.transaction() as conn:
            key = await data_keys.data_key(conn, services.keyring, job.user_id)
        return SessionSecret(key.decrypt(job.sealed, encrypted_to).decode())
    except VaultError:
        raise SecretsGone from None
