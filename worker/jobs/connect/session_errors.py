"""Records the error that ended a sync on connection and profile, raises the alert, and logs in again where allowed."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.error_text import Told
from shared.errors import JobError
from shared.errors.effect import SessionEffect
from shared.store.profiles import alerts, connections
from shared.store.profiles.alerts import SESSION_KINDS, AlertKind
from shared.store.profiles.connections import ConnectionState
from shared.store.profiles.profiles import ProfileRow
from shared.store.queue import claims, jobs
from worker.jobs.base import JobContext
from worker.jobs.sync import story_alert

LOGIN_AGAIN_AT_MOST_EVERY = timedelta(hours=6)
LOGIN_AGAIN = {"again": True}
"""The `args` of a LOGIN job that uses the stored password."""


async def mark(ctx: JobContext, profile: ProfileRow, connection_id: UUID, error: JobError) -> None:
    """Records the error's meaning for the session, and alerts the person where it concerns them.

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
                await warned(ctx, conn, profile, connection_id, error)
            case SessionEffect.QUESTIONED:
                await question(conn, profile, connection_id, error)
                await _alert(ctx, conn, profile, AlertKind.CHALLENGE, error)
                await story_alert.warn(ctx, conn, profile)
            case _:
                assert_never(session)


async def session_answers(conn: WorkerConnection, profile: ProfileRow) -> None:
    """Closes the alerts of a session that did not answer; alerts about a login stay."""
    await alerts.close(conn, SESSION_KINDS, user_id=profile.user_id, profile_id=profile.id, subject="")


async def read_through(ctx: JobContext, profile: ProfileRow) -> None:
    """Closes the alert of a rate limit once a sync reached its end."""
    async with ctx.transaction() as conn:
        await alerts.close(conn, [AlertKind.RATE_LIMITED], user_id=profile.user_id, profile_id=profile.id)


async def warned(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError
) -> None:
    """Stops syncs after the platform's warning; only the person decides whether to continue at all.

    The job's end sets the length of the cool-down.
    """
    await connections.mark_warned(conn, profile.user_id, connection_id, Told.of(error))
    await claims.end_waiting(conn, profile.user_id, connection_id, Told.of(error))
    await _alert(ctx, conn, profile, AlertKind.SUSPECTED, error)
    await story_alert.warn(ctx, conn, profile)


async def question(conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError) -> None:
    """Stops syncs until the person has answered the platform and logged in again."""
    await stop(conn, profile, connection_id, ConnectionState.CHALLENGED, Told.of(error))


async def stop(
    conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, state: ConnectionState, why: Told
) -> None:
    """Marks a connection that only a login can free, and ends the jobs that would wait for it in vain."""
    await connections.mark(conn, profile.user_id, connection_id, state, why)
    await claims.end_waiting(conn, profile.user_id, connection_id, why)


async def _session_over(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, connection_id: UUID, error: JobError
) -> None:
    """Enqueues one automatic login where the user allowed it and none was made lately; else raises an alert."""
    user_id = profile.user_id
    if await connections.may_log_in_again(conn, user_id, connection_id, LOGIN_AGAIN_AT_MOST_EVERY):
        await stop(conn, profile, connection_id, ConnectionState.EXPIRED, Told.of(error, instead="logs_in"))
        request_id = ctx.job.request_id
        await jobs.enqueue_follow_up(conn, user_id, profile.id, JobKind.LOGIN, args=LOGIN_AGAIN, request_id=request_id)
        ctx.log.info("login_again_enqueued")
        return
    await stop(conn, profile, connection_id, ConnectionState.EXPIRED, Told.of(error))
    await _alert(ctx, conn, profile, AlertKind.SESSION_DEAD, error)
    await story_alert.warn(ctx, conn, profile)


async def _alert(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, kind: AlertKind, error: JobError
) -> None:
    params = {"code": error.code, **error.params}
    await alerts.raise_alert(conn, kind, params, user_id=profile.user_id, profile_id=profile.id, job_id=ctx.job.id)
