"""Errors that end a sync or a login: recorded on connection and profile, told in an alert, and mended where allowed."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.error_text import StoredError
from shared.errors import JobError, LoginThrottled
from shared.errors.effect import JobEffect, SessionEffect
from shared.store.profiles import alerts, connections
from shared.store.profiles.alerts import SESSION_KINDS, AlertKind
from shared.store.profiles.connections import ConnectionState
from shared.store.profiles.profiles import ProfileRow, ProfileState
from shared.store.queue import claims, jobs
from worker.jobs.base import JobContext
from worker.jobs.connect import relogin
from worker.jobs.connect.connection import ConnectionContext
from worker.jobs.sync import story_alert


async def record_session_error(ctx: JobContext, profile: ProfileRow, connection_id: UUID, error: JobError) -> None:
    """Writes down what the error says about the session, and tells the person where it concerns them.

    A platform's limit leaves the connection as it is; the job's end begins the cool-down.
    """
    session = error.effect.session
    if session is SessionEffect.HOLDS:
        return
    async with ctx.transaction() as conn:
        match session:
            case SessionEffect.LIMITED:
                await _alert(ctx, conn, profile, AlertKind.RATE_LIMITED, error)
            case SessionEffect.OVER:
                await _session_over(ctx, conn, profile, connection_id, error)
            case SessionEffect.WARNED:
                await _warned(ctx, conn, profile, connection_id, error)
            case SessionEffect.QUESTIONED:
                await _challenged(conn, profile, connection_id, error)
                await _alert(ctx, conn, profile, AlertKind.CHALLENGE, error)
                await story_alert.warn(ctx, conn, profile)
            case _:
                assert_never(session)


async def record_login_error(connection: ConnectionContext, error: JobError) -> JobError:
    """Writes down what stopped a login, and returns the error to raise: a login never waits for a limit.

    A challenge is not written down where an earlier session of the profile still works.
    """
    if error.effect.job is JobEffect.WAIT:
        if error.effect.session is SessionEffect.LIMITED:
            return LoginThrottled()
        return LoginThrottled().as_variant("budget")
    if error.effect.needs_person:
        ctx, profile = connection.ctx, connection.profile
        async with ctx.transaction() as conn:
            if error.effect.session is SessionEffect.WARNED:
                await _warned(ctx, conn, profile, connection.row.id, error)
            elif profile.state != ProfileState.CONNECTED:
                await _challenged(conn, profile, connection.row.id, error)
    return error


async def close_session_alerts(conn: WorkerConnection, profile: ProfileRow) -> None:
    """Closes what a session that does not answer had opened; what a login left to say stays."""
    await alerts.close(conn, SESSION_KINDS, user_id=profile.user_id, profile_id=profile.id, subject="")


async def close_rate_limit_alert(ctx: JobContext, profile: ProfileRow) -> None:
    """Closes the alert of a rate limit once a sync went through to its end."""
    async with ctx.transaction() as conn:
        await alerts.close(conn, [AlertKind.RATE_LIMITED], user_id=profile.user_id, profile_id=profile.id)


async def _session_over(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError
) -> None:
    """One login by itself where the person allowed it and none was made lately; else the person is told."""
    user_id = profile.user_id
    if await connections.may_log_in_again(conn, user_id, connection_id, relogin.AT_MOST_EVERY):
        await _stop(conn, profile, connection_id, ConnectionState.EXPIRED, StoredError.of(error, instead="logs_in"))
        request_id = ctx.job.request_id
        await jobs.enqueue_follow_up(conn, user_id, profile.id, JobKind.LOGIN, args=relogin.ARGS, request_id=request_id)
        ctx.log.info("login_again_enqueued")
        return
    await _stop(conn, profile, connection_id, ConnectionState.EXPIRED, StoredError.of(error))
    await _alert(ctx, conn, profile, AlertKind.SESSION_DEAD, error)
    await story_alert.warn(ctx, conn, profile)


async def _warned(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError
) -> None:
    """Stops syncs after the platform's warning; only the person decides whether to continue at all.

    The job's end sets the length of the cool-down.
    """
    await connections.mark_warned(conn, profile.user_id, connection_id, StoredError.of(error))
    await claims.end_waiting(conn, profile.user_id, connection_id, StoredError.of(error))
    await _alert(ctx, conn, profile, AlertKind.SUSPECTED, error)
    await story_alert.warn(ctx, conn, profile)


async def _challenged(conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError) -> None:
    """Stops syncs until the person has answered the platform and logged in again."""
    await _stop(conn, profile, connection_id, ConnectionState.CHALLENGED, StoredError.of(error))


async def _stop(
    conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, state: ConnectionState, why: StoredError
) -> None:
    """Marks a connection that only a login can free, and ends the jobs that would wait for it in vain."""
    await connections.mark(conn, profile.user_id, connection_id, state, why)
    await claims.end_waiting(conn, profile.user_id, connection_id, why)


async def _alert(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, kind: AlertKind, error: JobError
) -> None:
    params = {"code": error.code, **error.params}
    await alerts.raise_alert(conn, kind, params, user_id=profile.user_id, profile_id=profile.id, job_id=ctx.job.id)
