"""A job that a command begins and works on in its own process, at the worker's machine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from os import getpid
from socket import gethostname
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobState
from shared.errors import Cancelled, InputError
from shared.settings import Settings
from shared.store.queue import local_jobs
from shared.store.queue.claims import Job
from worker.jobs.base import Handler
from worker.runner.attempt import Rules, attempt
from worker.runner.context import Context
from worker.services import Services

ServicesOf = Callable[[Settings, int], AbstractAsyncContextManager[Services]]
_DRAIN = timedelta(seconds=5)


async def find_account(conn: WorkerConnection, email: str | None) -> UUID:
    """The account of this e-mail, or the only one there is; raises InputError where that names none."""
    user_id = await local_jobs.find_user(conn, email)
    if user_id is None:
        raise InputError(
            "No Rollcall account has this e-mail." if email else "Whose account is this to be?",
            next_step="Give the e-mail that you sign in to Rollcall with: --email NAME@EXAMPLE.ORG",
        )
    return user_id


def worker_name(command: str) -> str:
    """What the job's row has as its worker."""
    return f"{gethostname()}:{getpid()}:{command}"


async def work_through(
    services: Services, claimed: Job, handler: Handler, failed: str, stop: asyncio.Event | None = None
) -> None:
    """Makes the job's one attempt; raises InputError with its reason, else with `failed`, unless it completed.

    `stop` cancels the job.
    """
    settings = services.settings
    ctx = Context(claimed, services.pool, lease=settings.worker_lease, poll=settings.worker_poll)
    rules = Rules(RetryPolicy(settings.retry_base, settings.retry_cap, settings.rate_limit_rest), _DRAIN)
    stopping = asyncio.create_task(_cancel_after(ctx, stop)) if stop is not None else None
    try:
        await attempt(ctx, handler, rules, services.pool)
    finally:
        if stopping is not None:
            stopping.cancel()
    async with services.pool.connection() as conn:
        state, said = await local_jobs.ending(conn, claimed.user_id, claimed.id)
    if state != JobState.COMPLETED:
        raise InputError(said or ("Cancelled." if state == JobState.CANCELLED else failed))


async def _cancel_after(ctx: Context, stop: asyncio.Event) -> None:
    await stop.wait()
    ctx.stop(Cancelled())
