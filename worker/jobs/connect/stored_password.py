"""Logging in again by itself: only where the person ticked it, never past a question, and told when it fails."""

from __future__ import annotations

import json
from asyncio import Future
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.domain.jobs import InputRequest
from shared.errors import (
    BrowserMissing,
    JobError,
    LoginThrottled,
    NobodyAnswered,
    SecretsGone,
    Transient,
)
from shared.store.profiles import alerts, connections, profiles
from shared.store.profiles.alerts import AlertKind
from shared.store.profiles.profiles import ProfileState
from worker.jobs.base import JobContext
from worker.jobs.connect.credentials import Asking, FormLogin
from worker.jobs.connect.flow import Kept, Rows
from worker.platforms.login import CodeReply, LoginDetails

_NOT_KEPT = (
    "Your password was not kept: Instagram asked for something that only you could answer, so Rollcall could not log "
    "in again by itself. Connect again with the authenticator secret if you want it to."
)
_STILL = "Instagram has ended the session, and logging in again by itself has not worked yet:"
_FAILED = "Rollcall could not log in again by itself."
_ERASED = "The stored password was erased."
NOT_KEPT_SUBJECT = "not_kept"
"""The subject of the alert that a login which went through leaves; the next login closes it."""
# These say nothing about the password or the account.
_HARMLESS = (LoginThrottled, BrowserMissing)


def kept(given: FormLogin, details: LoginDetails, asking: Asking) -> Kept:
    """What is stored after a login by the form; no password after a code that only the person could enter."""
    login = None
    if given.log_in_again and not asking.asked:
        login = json.dumps({"username": details.username, "password": details.password})
    return Kept(given.details.totp_secret, login, replaces_login=True)


async def tell_not_kept(ctx: JobContext, rows: Rows) -> None:
    """Tells the person why their wish could not be met."""
    async with ctx.transaction() as conn:
        await alerts.raise_alert(
            conn,
            AlertKind.LOGIN_FAILED,
            _NOT_KEPT,
            user_id=rows.profile.user_id,
            profile_id=rows.profile.id,
            job_id=ctx.job.id,
            subject=NOT_KEPT_SUBJECT,
        )


def stored(rows: Rows, totp_secret: str | None) -> LoginDetails:
    """The stored username and password; raises SecretsGone where there are none any more."""
    text = rows.opened("login_secret", rows.connection.login_secret)
    if text is None:
        raise SecretsGone("The stored password is gone.")
    known = json.loads(text)
    return LoginDetails(known["username"], known["password"], totp_secret)


async def nobody(request: InputRequest, moved: Future[None] | None = None) -> CodeReply:
    """Nobody is there to answer a question."""
    raise NobodyAnswered("Instagram asks for you, and nobody was there to answer.", next_step="Connect again.")


@asynccontextmanager
async def told(ctx: JobContext, rows: Rows) -> AsyncIterator[None]:
    """Forgets the stored password after anything that says it is not enough, and tells the person what failed."""
    try:
        yield
    except Transient as error:
        async with ctx.transaction() as conn:
            reason = f"{_STILL} {error.message}"
            await profiles.mark_state(conn, rows.profile.user_id, rows.profile.id, ProfileState.NEEDS_LOGIN, reason)
        raise
    except JobError as error:
        await _failed(ctx, rows, error)
        raise


async def _failed(ctx: JobContext, rows: Rows, error: JobError) -> None:
    user_id, profile_id = rows.profile.user_id, rows.profile.id
    erased = not isinstance(error, _HARMLESS)
    message = " ".join(filter(None, (_FAILED, error.message, _ERASED if erased else "")))
    async with ctx.transaction() as conn:
        if erased:
            await connections.forget_login(conn, user_id, rows.connection.id)
        now = await profiles.load(conn, user_id, profile_id)
        if now is not None and now.state == ProfileState.NEEDS_LOGIN:
            await profiles.mark_state(conn, user_id, profile_id, ProfileState.NEEDS_LOGIN, message)
        await alerts.raise_alert(
            conn, AlertKind.LOGIN_FAILED, message, user_id=user_id, profile_id=profile_id, job_id=ctx.job.id
        )
