"""Runs a job that a command at the worker's machine begins, in the command's own process."""

from __future__ import annotations

from datetime import timedelta
from os import getpid
from socket import gethostname
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.backoff import RetryPolicy
from shared.errors import InputError
from shared.settings import Settings
from shared.store.queue import local_jobs
from shared.store.queue.claims import Job
from worker.jobs.base import Handler
from worker.runner.attempt import Rules, attempt
from worker.runner.context import Context
from worker.services import Pool

# A person waits at the terminal, so a job that is stopped ends soon.
_DRAIN = timedelta(seconds=5)


def worker_name(command: str) -> str:
    """The name under which the command holds its job."""
    return f"{gethostname()}:{getpid()}:{command}"


async def account(conn: WorkerConnection, email: str | None) -> UUID:
    """The account of this e-mail, without one the only account; raises InputError where there is none."""
    user_id = await local_jobs.find_user(conn, email)
    if user_id is None:
        raise InputError(
            "No Rollcall account has this e-mail." if email else "Whose account is this to be?",
            next_step="Give the e-mail that you sign in to Rollcall with: --email NAME@EXAMPLE.ORG",
        )
    return user_id


def context(job: Job, pool: Pool, settings: Settings) -> Context:
    """The context of a job that this process has begun."""
    return Context(job, pool, lease=settings.worker_lease, poll=settings.worker_poll)


async def run(ctx: Context, handler: Handler, pool: Pool, settings: Settings) -> tuple[str, str | None]:
    """Runs the handler to its end; returns the job's state and its sentence for the person, None without one."""
    retry = RetryPolicy(settings.retry_base, settings.retry_cap, settings.rate_limit_rest)
    await attempt(ctx, handler, Rules(retry, _DRAIN), pool)
    async with pool.connection() as conn:
        return await local_jobs.ending(conn, ctx.job.user_id, ctx.job.id)
