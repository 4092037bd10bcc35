"""Logins by themselves, after a session ended: how they are enqueued, and what the person learns when one fails."""

from __future__ import annotations

from datetime import timedelta

from shared.alert_text import NOT_KEPT
from shared.error_text import StoredError
from shared.errors import JobError
from shared.errors.effect import JobEffect
from shared.store.profiles import alerts, connections
from shared.store.profiles.alerts import AlertKind
from shared.store.profiles.connections import ConnectionState
from worker.jobs.connect.connection import ConnectionContext

ARGS = {"again": True}
"""The `args` of a LOGIN job that uses the stored password."""
AT_MOST_EVERY = timedelta(hours=6)


async def tell_not_kept(connection: ConnectionContext) -> None:
    """Tells the person why the password that they wanted kept was not."""
    async with connection.ctx.transaction() as conn:
        await alerts.raise_alert(
            conn,
            AlertKind.LOGIN_FAILED,
            {},
            user_id=connection.profile.user_id,
            profile_id=connection.profile.id,
            job_id=connection.ctx.job.id,
            subject=NOT_KEPT,
        )


async def record_failure(connection: ConnectionContext, error: JobError) -> None:
    """Forgets the stored password after anything that says it is not enough, and tells the person what failed."""
    if error.effect.job is JobEffect.RETRY:
        await _not_yet(connection, error)
    else:
        await _failed(connection, error)


async def _not_yet(connection: ConnectionContext, error: JobError) -> None:
    why = StoredError.of(error, before="still")
    async with connection.ctx.transaction() as conn:
        await connections.explain(conn, connection.profile.user_id, connection.row.id, ConnectionState.EXPIRED, why)


async def _failed(connection: ConnectionContext, error: JobError) -> None:
    user_id, erased = connection.profile.user_id, not error.effect.spares_password
    why = StoredError.of(error, before="failed", after="erased") if erased else StoredError.of(error, before="failed")
    async with connection.ctx.transaction() as conn:
        if erased:
            await connections.forget_login(conn, user_id, connection.row.id)
        await connections.explain(conn, user_id, connection.row.id, ConnectionState.EXPIRED, why)
        await alerts.raise_alert(
            conn,
            AlertKind.LOGIN_FAILED,
            {"code": why.code, **why.params},
            user_id=user_id,
            profile_id=connection.profile.id,
            job_id=connection.ctx.job.id,
        )
