"""Logging in again by itself: only where the person ticked it, never past a question, and told when it fails."""

from __future__ import annotations

import json
from asyncio import Future
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.alert_text import NOT_KEPT
from shared.domain.jobs import InputRequest
from shared.error_text import Told
from shared.errors import (
    BrowserMissing,
    JobError,
    LoginThrottled,
    NobodyAnswered,
    SecretsGone,
    Transient,
)
from shared.store import alerts, connections
from shared.store.alerts import AlertKind
from shared.store.connections import ConnectionState
from worker.jobs.base import JobContext
from worker.jobs.connecting import Kept, Rows
from worker.jobs.entered import Asking, FormLogin
from worker.platforms.instagram_web.login import LoginDetails
from worker.platforms.instagram_web.second_factor import CodeReply

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
            {},
            user_id=rows.profile.user_id,
            profile_id=rows.profile.id,
            job_id=ctx.job.id,
            subject=NOT_KEPT,
        )


def stored(rows: Rows, totp_secret: str | None) -> LoginDetails:
    """The stored username and password; raises SecretsGone where there are none any more."""
    text = rows.opened("login_secret", rows.connection.login_secret)
    if text is None:
        raise SecretsGone().as_variant("password")
    known = json.loads(text)
    return LoginDetails(known["username"], known["password"], totp_secret)


async def nobody(request: InputRequest, moved: Future[None] | None = None) -> CodeReply:
    """Nobody is there to answer a question."""
    raise NobodyAnswered().as_variant("absent")


@asynccontextmanager
async def told(ctx: JobContext, rows: Rows) -> AsyncIterator[None]:
    """Forgets the stored password after anything that says it is not enough, and tells the person what failed."""
    try:
        yield
    except Transient as error:
        async with ctx.transaction() as conn:
            why = Told.of(error, before="still")
            await connections.explain(conn, rows.profile.user_id, rows.connection.id, ConnectionState.EXPIRED, why)
        raise
    except JobError as error:
        await _failed(ctx, rows, error)
        raise


async def _failed(ctx: JobContext, rows: Rows, error: JobError) -> None:
    user_id, profile_id = rows.profile.user_id, rows.profile.id
    erased = not isinstance(error, _HARMLESS)
    why = Told.of(error, before="failed", after="erased") if erased else Told.of(error, before="failed")
    async with ctx.transaction() as conn:
        if erased:
            await connections.forget_login(conn, user_id, rows.connection.id)
        await connections.explain(conn, user_id, rows.connection.id, ConnectionState.EXPIRED, why)
        await alerts.raise_alert(
            conn,
            AlertKind.LOGIN_FAILED,
            {"code": why.code, **why.params},
            user_id=user_id,
            profile_id=profile_id,
            job_id=ctx.job.id,
        )
