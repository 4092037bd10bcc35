"""What ended a reading: marked on connection and profile, told in an alert, and mended where the person allowed it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.error_text import Told
from shared.errors import BudgetSpent, JobError, NeedsLogin, RateLimited, SuspectedAutomation
from shared.store import alerts, connections, jobs, queue
from shared.store.alerts import SESSION_KINDS, AlertKind
from shared.store.connections import ConnectionState
from shared.store.profiles import ProfileRow
from worker.jobs import stories_risk
from worker.jobs.base import JobContext

SUSPICION_REST = timedelta(days=3)
LOGIN_AGAIN_AT_MOST_EVERY = timedelta(hours=6)
LOGIN_AGAIN = {"again": True}
"""The `args` of a LOGIN job that uses the stored password."""


async def mark(ctx: JobContext, profile: ProfileRow, connection_id: UUID, error: JobError) -> None:
    """Writes down what NeedsLogin, Challenged, Suspended, SuspectedAutomation or RateLimited mean for the profile.

    A rate limit leaves the connection as it is; the loop lets the profile rest. Rollcall's own budget is nobody's fault
    and is not told at all.
    """
    if isinstance(error, BudgetSpent):
        return
    async with ctx.transaction() as conn:
        if isinstance(error, NeedsLogin):
            await _session_over(ctx, conn, profile, connection_id, error)
        elif isinstance(error, SuspectedAutomation):
            await cool_down(ctx, conn, profile, connection_id, error)
        elif isinstance(error, RateLimited):
            await _alert(ctx, conn, profile, AlertKind.RATE_LIMITED, error)
        else:
            await stop(conn, profile, connection_id, ConnectionState.CHALLENGED, Told.of(error))
            await _alert(ctx, conn, profile, AlertKind.CHALLENGE, error)
            await stories_risk.warn(ctx, conn, profile)


async def session_answers(conn: WorkerConnection, profile: ProfileRow) -> None:
    """Closes what a session that does not answer had opened; what a login left to say stays."""
    await alerts.close(conn, SESSION_KINDS, user_id=profile.user_id, profile_id=profile.id, subject="")


async def read_through(ctx: JobContext, profile: ProfileRow) -> None:
    """Closes the alert of a rate limit once a reading went through to its end."""
    async with ctx.transaction() as conn:
        await alerts.close(conn, [AlertKind.RATE_LIMITED], user_id=profile.user_id, profile_id=profile.id)


async def cool_down(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError
) -> None:
    """Begins a cool-down of days after the platform's warning; whether it goes on is the person's to decide."""
    until = datetime.now(UTC) + SUSPICION_REST
    await connections.start_cooldown(conn, profile.user_id, connection_id, until, Told.of(error))
    await queue.end_waiting(conn, profile.user_id, connection_id, Told.of(error))
    await _alert(ctx, conn, profile, AlertKind.SUSPECTED, error)
    await stories_risk.warn(ctx, conn, profile)


async def stop(
    conn: WorkerConnection,
    profile: ProfileRow,
    connection_id: UUID,
    state: ConnectionState,
    why: Told,
) -> None:
    """Marks a connection that only a login can free, and ends the jobs that would wait for it in vain."""
    await connections.mark(conn, profile.user_id, connection_id, state, why)
    await queue.end_waiting(conn, profile.user_id, connection_id, why)


async def _session_over(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError
) -> None:
    """One login by itself where the person allowed it and none was made lately; else the person is told."""
    user_id = profile.user_id
    if await connections.may_log_in_again(conn, user_id, connection_id, LOGIN_AGAIN_AT_MOST_EVERY):
        await stop(conn, profile, connection_id, ConnectionState.EXPIRED, Told.of(error, instead="logs_in"))
        request_id = ctx.job.request_id
        await jobs.enqueue_follow_up(conn, user_id, profile.id, JobKind.LOGIN, args=LOGIN_AGAIN, request_id=request_id)
        ctx.log.info("login_again_enqueued")
        return
    await stop(conn, profile, connection_id, ConnectionState.EXPIRED, Told.of(error))
    await _alert(ctx, conn, profile, AlertKind.SESSION_DEAD, error)
    await stories_risk.warn(ctx, conn, profile)


async def _alert(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, kind: AlertKind, error: JobError
) -> None:
    params = {"code": error.code, **error.params}
    await alerts.raise_alert(conn, kind, params, user_id=profile.user_id, profile_id=profile.id, job_id=ctx.job.id)
