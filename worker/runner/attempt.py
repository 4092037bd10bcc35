"""One attempt at one job: runs its handler, decides how the job continues, and stores the result."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from random import random

import psycopg
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain import backoff, cooldown
from shared.domain.backoff import Decision, RetryPolicy
from shared.domain.jobs import JobKind, JobState
from shared.errors import Interrupted, LeaseLost, RollcallError
from shared.errors.effect import JobEffect
from shared.store.queue import claims
from shared.store.queue.claims import Settled
from worker.jobs.base import Handler, JsonObject
from worker.runner.context import Context

# A handler that does not check whether it should stop is cancelled after this long.
_CANCEL_GRACE = timedelta(seconds=5)
_SETTLE_PAUSE, _SETTLE_LONGEST = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of attempts: the wait before a retry, and the time that a stopping worker gives a job."""

    retry: RetryPolicy
    drain: timedelta


class _Unstorable(Exception):
    """An error whose own sentence could not be stored."""


async def attempt(
    ctx: Context, handler: Handler, rules: Rules, pool: AsyncConnectionPool[WorkerConnection]
) -> Settled | None:
    """Runs the handler to its end and settles the job; None when the job is no longer ours."""
    error = await _work(ctx, handler, rules)
    if isinstance(error, RollcallError) and error.effect.job is JobEffect.LEAVE:
        ctx.log.warning("job_lost")
        return None
    settled = await _settle(ctx, error, rules, pool)
    if settled is None and error is None and ctx.job.kind is JobKind.DELETE_ACCOUNT:
        # The job's row belonged to the account, and went with it.
        ctx.log.info("job_completed", state=JobState.COMPLETED)
    elif settled is None:
        ctx.log.warning("job_lost")
    return settled


async def _work(ctx: Context, handler: Handler, rules: Rules) -> Exception | None:
    """The error that ended the handler, None if it reached its end, and the reason if it was stopped."""
    work = asyncio.ensure_future(handler(ctx))

    def stop(reason: Interrupted) -> None:
        grace = 0.0 if isinstance(reason, LeaseLost) else _grace(reason, rules).total_seconds()
        asyncio.get_running_loop().call_later(grace, work.cancel)

    ctx.on_stop = stop
    if ctx.stopped is not None:
        stop(ctx.stopped)
    beats = asyncio.create_task(ctx.beats())
    try:
        await asyncio.wait({work})
    finally:
        beats.cancel()
        if not work.done():
            work.cancel()
    if work.cancelled():
        return ctx.stopped or LeaseLost()
    error = work.exception()
    if error is not None and not isinstance(error, Exception):
        raise error
    return error


def _grace(reason: Interrupted, rules: Rules) -> timedelta:
    return rules.drain if reason.effect.job is JobEffect.PUT_BACK else min(_CANCEL_GRACE, rules.drain)


async def _settle(
    ctx: Context, error: Exception | None, rules: Rules, pool: AsyncConnectionPool[WorkerConnection]
) -> Settled | None:
    """Stores the result; tries again while the database is away, until another worker has the job anyway."""
    pause = _SETTLE_PAUSE
    progress = ctx.last_progress()
    while True:
        try:
            async with pool.connection() as conn:
                decision = await _decide(conn, ctx, error, rules)
                if decision is None:
                    return None
                return await _write(conn, ctx, decision, progress)
        except (psycopg.DataError, UnicodeError) as failure:
            if progress is None and (error is None or isinstance(error, _Unstorable)):
                raise
            # Its progress or its sentence holds text that no database takes: it ends without both.
            ctx.log.error("settle_refused", error=type(failure).__name__)
            error, progress = error and _Unstorable(), None
        except psycopg.OperationalError as failure:
            ctx.log.warning("settle_failed", error=type(failure).__name__, again_in=pause)
            if ctx.stopped is not None and pause >= _SETTLE_LONGEST:
                return None
            await asyncio.sleep(pause)
            pause = min(pause * 2, _SETTLE_LONGEST)


async def _decide(conn: WorkerConnection, ctx: Context, error: Exception | None, rules: Rules) -> Decision | None:
    if error is None:
        return backoff.COMPLETED
    if isinstance(error, psycopg.Error) and lost_database(error):
        return backoff.after_lost_database(rules.retry, random())  # noqa: S311
    counted = await claims.failures(conn, ctx.job.id, ctx.job.fence)
    if counted is None:
        return None
    if not isinstance(error, RollcallError):
        ctx.log.error("job_broke", exc_info=error)
    job = ctx.job
    nth = 1 if job.connection_id is None else await claims.next_cooldown(conn, job.user_id, job.connection_id)
    decision = backoff.after_error(
        error,
        job_id=job.id,
        failures=counted[0],
        max_attempts=counted[1],
        policy=replace(rules.retry, cooldown=cooldown.escalate(rules.retry.cooldown, nth)),
        chance=random(),  # noqa: S311
    )
    return replace(decision, cooldown=cooldown.cooldown_after(error, job.kind, nth=nth, base=rules.retry.cooldown))


async def _write(
    conn: WorkerConnection, ctx: Context, decision: Decision, progress: JsonObject | None
) -> Settled | None:
    job = ctx.job
    if decision.cooldown is not None and job.connection_id is not None:
        async with conn.transaction():
            settled = await claims.settle(conn, job.id, job.fence, decision, progress)
            if settled is not None:
                until = settled.run_at if decision.state is JobState.WAITING else None
                await claims.start_cooldown(conn, job.user_id, job.connection_id, decision.cooldown, until)
    else:
        settled = await claims.settle(conn, job.id, job.fence, decision, progress)
    if settled is not None:
        ctx.log.info(f"job_{settled.outcome.lower()}", state=settled.state, error_code=settled.error_code)
    return settled


def lost_database(error: psycopg.Error) -> bool:
    """Whether the connection or the server failed or is full, rather than the statement being wrong."""
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return False
    return error.sqlstate is None or error.sqlstate.startswith(("08", "53", "57P"))
