"""Errors that end a sync or a login: recorded on connection and profile, told in an alert, and mended where allowed."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.errors import JobError, LoginThrottled
from shared.errors.effect import JobEffect, SessionEffect
from shared.store.profiles import alerts, connections, profiles
from shared.store.profiles.alerts import SESSION_KINDS, AlertKind
from shared.store.profiles.connections import ConnectionState
from shared.store.profiles.profiles import ProfileRow, ProfileState
from shared.store.queue import claims, jobs
from worker.jobs.base import JobContext
from worker.jobs.connect import relogin
from worker.jobs.connect.connection import ConnectionContext
from worker.jobs.sync import story_alert

_SPENT = "Rollcall's own limit of requests for this profile is used up for now."


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
                await _alert(ctx, conn, profile, AlertKind.RATE_LIMITED, error.message)
            case SessionEffect.OVER:
                await _session_over(ctx, conn, profile, connection_id, error)
            case SessionEffect.WARNED:
                await _warned(ctx, conn, profile, error)
            case SessionEffect.QUESTIONED:
                await _challenged(conn, profile, connection_id, error)
                await _alert(ctx, conn, profile, AlertKind.CHALLENGE, error.message)
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
        return LoginThrottled(_SPENT, next_step="Connect again later today or tomorrow.")
    if error.effect.needs_person:
        ctx, profile = connection.ctx, connection.profile
        async with ctx.transaction() as conn:
            if error.effect.session is SessionEffect.WARNED:
                await _warned(ctx, conn, profile, error)
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
    await connections.mark(conn, user_id, connection_id, ConnectionState.EXPIRED)
    if await connections.may_log_in_again(conn, user_id, connection_id, relogin.AT_MOST_EVERY):
        reason = f"{error.sentence} Rollcall logs in again by itself now."
        await _stop(conn, profile, ProfileState.NEEDS_LOGIN, error, reason)
        request_id = ctx.job.request_id
        await jobs.enqueue_follow_up(conn, user_id, profile.id, JobKind.LOGIN, args=relogin.ARGS, request_id=request_id)
        ctx.log.info("login_again_enqueued")
        return
    await _stop(conn, profile, ProfileState.NEEDS_LOGIN, error, error.message)
    await _alert(ctx, conn, profile, AlertKind.SESSION_DEAD, error.message)
    await story_alert.warn(ctx, conn, profile)


async def _warned(ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, error: JobError) -> None:
    """Nothing is read after the platform's warning; whether it goes on at all is the person's to decide."""
    await profiles.mark_resting(conn, profile.user_id, profile.id, error.message)
    await claims.end_waiting(conn, profile.user_id, profile.id, code=error.code, message=error.message)
    await _alert(ctx, conn, profile, AlertKind.SUSPECTED, error.message)
    await story_alert.warn(ctx, conn, profile)


async def _challenged(conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError) -> None:
    """Nothing is read before the person answered the platform and logged in again."""
    await connections.mark(conn, profile.user_id, connection_id, ConnectionState.CHALLENGED)
    await _stop(conn, profile, ProfileState.CHALLENGED, error, error.message)


async def _stop(conn: WorkerConnection, profile: ProfileRow, state: ProfileState, error: JobError, reason: str) -> None:
    """Marks a profile that only a login can free, and ends the jobs that would wait for it in vain."""
    await profiles.mark_state(conn, profile.user_id, profile.id, state, reason)
    await claims.end_waiting(conn, profile.user_id, profile.id, code=error.code, message=reason)


async def _alert(ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, kind: AlertKind, message: str) -> None:
    await alerts.raise_alert(conn, kind, message, user_id=profile.user_id, profile_id=profile.id, job_id=ctx.job.id)
