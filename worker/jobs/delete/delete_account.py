"""DELETE_ACCOUNT: deletes an account for good. Its key was destroyed at the request; this removes the rest."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import Permanent
from shared.files.folder import delete_own
from shared.store.deletion import delete_account
from shared.store.users import data_keys
from worker.accounts import Accounts, accounts
from worker.jobs.base import JobContext
from worker.jobs.delete.delete_profile import purge_profile
from worker.services import Services
from worker.threads import in_thread

_BATCH = 10_000


async def run(
    ctx: JobContext,
    services: Services,
    accounts_of: Callable[[Services], Accounts] = accounts,
    batch: int = _BATCH,
) -> None:
    """Deletes the profiles of the job's user one by one, and then the account itself, whose row takes the job's with
    it. Continues after a stop. Raises Permanent without a request.

    Nothing is revoked at the platform: a browser session has no token, and a token cannot be read without the key.
    """
    user_id = ctx.job.user_id
    async with ctx.transaction() as conn:
        if not await delete_account.asked_for(conn, user_id):
            raise Permanent().as_variant("account")
        await data_keys.destroy(conn, user_id)
        profiles = await delete_account.profiles(conn, user_id)
        files = await delete_account.files_of(conn, user_id)
    for path in files:
        ctx.check()
        await in_thread(delete_own, services.files, user_id, path)
    for profile_id in profiles:
        await purge_profile(ctx, services, profile_id, batch)
    await _clear(ctx, batch)
    ctx.check()
    await accounts_of(services).delete(user_id)
    ctx.log.info("account_erased", profiles=len(profiles))


async def _clear(ctx: JobContext, batch: int) -> None:
    for step in range(delete_account.STEPS):
        gone = batch
        while gone == batch:
            ctx.check()
            async with ctx.transaction() as conn:
                gone = await delete_account.clear(conn, step, ctx.job.user_id, ctx.job.id, batch)
                await ctx.save_cursor(conn, None, items=gone)
