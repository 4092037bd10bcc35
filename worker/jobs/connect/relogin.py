"""Logins by themselves, after a session ended: how they are enqueued, and what the person learns when one fails."""

from __future__ import annotations

from datetime import timedelta

from shared.errors import JobError
from shared.errors.effect import JobEffect
from shared.store.profiles import alerts, connections, profiles
from shared.store.profiles.alerts import AlertKind
from shared.store.profiles.profiles import ProfileState
from worker.jobs.connect.connection import ConnectionContext

ARGS = {"again": True}
"""The `args` of a LOGIN job that uses the stored password."""
AT_MOST_EVERY = timedelta(hours=6)
NOT_KEPT_SUBJECT = "not_kept"
"""The subject of the alert that a login which went through leaves; the next login closes it."""
_NOT_KEPT = (
    "Your password was not kept: Instagram asked for something that only you could answer, so Rollcall could not log "
    "in again by itself. Connect again with the authenticator secret if you want it to."
)
_STILL = "Instagram has ended the session, and logging in again by itself has not worked yet:"
_FAILED = "Rollcall could not log in again by itself."
_ERASED = "The stored password was erased."


async def tell_not_kept(connection: ConnectionContext) -> None:
    """Tells the person why the password that they wanted kept was not."""
    async with connection.ctx.transaction() as conn:
        await alerts.raise_alert(
            conn,
            AlertKind.LOGIN_FAILED,
            _NOT_KEPT,
            user_id=connection.profile.user_id,
            profile_id=connection.profile.id,
            job_id=connection.ctx.job.id,
            subject=NOT_KEPT_SUBJECT,
        )


async def record_failure(connection: ConnectionContext, error: JobError) -> None:
    """Forgets the stored password after anything that says it is not enough, and tells the person what failed."""
    if error.effect.job is JobEffect.RETRY:
        await _not_yet(connection, error)
    else:
        await _failed(connection, error)


async def _not_yet(connection: ConnectionContext, error: JobError) -> None:
    profile, reason = connection.profile, f"{_STILL} {error.message}"
    async with connection.ctx.transaction() as conn:
        await profiles.mark_state(conn, profile.user_id, profile.id, ProfileState.NEEDS_LOGIN, reason)


async def _failed(connection: ConnectionContext, error: JobError) -> None:
    user_id, profile_id = connection.profile.user_id, connection.profile.id
    erased = not error.effect.spares_password
    message = " ".join(filter(None, (_FAILED, error.message, _ERASED if erased else "")))
    async with connection.ctx.transaction() as conn:
        if erased:
            await connections.forget_login(conn, user_id, connection.row.id)
        now = await profiles.load(conn, user_id, profile_id)
        if now is not None and now.state == ProfileState.NEEDS_LOGIN:
            await profiles.mark_state(conn, user_id, profile_id, ProfileState.NEEDS_LOGIN, message)
        await alerts.raise_alert(
            conn,
            AlertKind.LOGIN_FAILED,
            message,
            user_id=user_id,
            profile_id=profile_id,
            job_id=connection.ctx.job.id,
        )
