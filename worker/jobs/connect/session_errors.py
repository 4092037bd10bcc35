"""Errors that end a sync or a login: recorded on connection and profile, told in an alert, and mended where allowed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never
from uuid import UUID

from shared.alert_text import NOT_KEPT
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.error_text import StoredError
from shared.errors import JobError, LoginThrottled
from shared.errors.effect import JobEffect, SessionEffect
from shared.platforms import WayIn, platform_of
from shared.store.profiles import alerts, connections
from shared.store.profiles.alerts import SESSION_KINDS, AlertKind
from shared.store.profiles.connections import ConnectionState
from shared.store.profiles.profiles import ProfileRow, ProfileState
from shared.store.queue import claims, jobs, schedule
from worker.jobs.base import JobContext
from worker.jobs.connect import relogin
from worker.jobs.connect.connection import ConnectionContext
from worker.jobs.sync import story_alert


@dataclass(frozen=True, slots=True)
class Used:
    """The connection that a job uses."""

    id: UUID
    method: str

    @property
    def subject(self) -> str:
        """The subject of its alerts: each connection has its own, and the browser's is empty."""
        return subject_of(self.method)


def subject_of(method: str) -> str:
    """The subject of the alerts about connections of this method."""
    return "" if method == WayIn.BROWSER else method


async def record_session_error(ctx: JobContext, profile: ProfileRow, used: Used, error: JobError) -> None:
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
                await _session_over(ctx, conn, profile, used, error)
            case SessionEffect.WARNED:
                await _warned(ctx, conn, profile, used, error)
            case SessionEffect.QUESTIONED:
                await _challenged(conn, profile, used.id, error)
                await _alert(ctx, conn, profile, AlertKind.CHALLENGE, error, used.subject)
                await story_alert.warn(ctx, conn, profile)
            case _:
                assert_never(session)
        if session is not SessionEffect.LIMITED:
            await _let_another_go_on(ctx, conn, profile)


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
                await _warned(ctx, conn, profile, Used(connection.row.id, connection.row.method), error)
            elif profile.state != ProfileState.CONNECTED:
                await _challenged(conn, profile, connection.row.id, error)
    return error


async def close_session_alerts(conn: WorkerConnection, profile: ProfileRow, method: str) -> None:
    """Closes what a connection of this method that does not answer had opened; what a login left to say stays."""
    await _close(conn, profile.user_id, profile.id, subject_of(method))
    if JobKind.SYNC_STORIES in platform_of(profile.platform).offers(WayIn(method)):
        await _close(conn, profile.user_id, profile.id, "", {AlertKind.STORIES_AT_RISK})


async def close_after_connecting(conn: WorkerConnection, user_id: UUID, profile_id: UUID, method: str) -> None:
    """Closes every alert about connections of this method, once one of it works."""
    await _close(conn, user_id, profile_id, subject_of(method))
    if method == WayIn.BROWSER:
        await _close(conn, user_id, profile_id, NOT_KEPT)


async def close_rate_limit_alert(ctx: JobContext, profile: ProfileRow) -> None:
    """Closes the alert of a rate limit once a sync went through to its end."""
    async with ctx.transaction() as conn:
        await alerts.close(conn, [AlertKind.RATE_LIMITED], user_id=profile.user_id, profile_id=profile.id)


async def _session_over(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, used: Used, error: JobError
) -> None:
    """One login by itself where the person allowed it and none was made lately; else the person is told."""
    user_id = profile.user_id
    if await connections.may_log_in_again(conn, user_id, used.id, relogin.AT_MOST_EVERY):
        await _stop(conn, profile, used.id, ConnectionState.EXPIRED, StoredError.of(error, instead="logs_in"))
        request_id = ctx.job.request_id
        await jobs.enqueue_follow_up(conn, user_id, profile.id, JobKind.LOGIN, args=relogin.ARGS, request_id=request_id)
        ctx.log.info("login_again_enqueued")
        return
    await _stop(conn, profile, used.id, ConnectionState.EXPIRED, StoredError.of(error))
    await _alert(ctx, conn, profile, AlertKind.SESSION_DEAD, error, used.subject)
    await story_alert.warn(ctx, conn, profile)


async def _warned(ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, used: Used, error: JobError) -> None:
    """Stops syncs after the platform's warning; only the person decides whether to continue at all.

    The job's end sets the length of the cool-down.
    """
    await connections.mark_warned(conn, profile.user_id, used.id, StoredError.of(error))
    await claims.end_waiting(conn, profile.user_id, used.id, StoredError.of(error))
    await _alert(ctx, conn, profile, AlertKind.SUSPECTED, error, used.subject)
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


async def _let_another_go_on(ctx: JobContext, conn: WorkerConnection, profile: ProfileRow) -> None:
    """Makes the job's kind due at once where another connection offers it."""
    kind = ctx.job.kind
    if kind in await connections.choose(conn, profile.user_id, profile.id, [kind]):
        await schedule.bring_forward(conn, profile.user_id, profile.id, kind, timedelta(0))


async def _close(
    conn: WorkerConnection,
    user_id: UUID,
    profile_id: UUID,
    subject: str,
    kinds: Collection[AlertKind] = SESSION_KINDS,
) -> None:
    await alerts.close(conn, kinds, user_id=user_id, profile_id=profile_id, subject=subject)


async def _alert(
    ctx: JobContext, conn: WorkerConnection, profile: ProfileRow, kind: AlertKind, error: JobError, subject: str = ""
) -> None:
    params = {"code": error.code, **error.params}
    about = {"user_id": profile.user_id, "profile_id": profile.id, "job_id": ctx.job.id}
    await alerts.raise_alert(conn, kind, params, **about, subject=subject)
