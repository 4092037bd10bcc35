"""Automatic login with a stored password: only where the user chose it, never past a challenge; alerts on failure."""

from __future__ import annotations

import json
from asyncio import Future
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.alert_text import NOT_KEPT
from shared.domain.jobs import InputRequest
from shared.error_text import Told
from shared.errors import JobError, NobodyAnswered, SecretsGone
from shared.errors.effect import JobEffect
from shared.store.profiles import alerts, connections
from shared.store.profiles.alerts import AlertKind
from shared.store.profiles.connections import ConnectionState
from worker.jobs.base import JobContext
from worker.jobs.connect.credentials import Asking, FormLogin
from worker.jobs.connect.flow import Kept, Rows
from worker.platforms.instagram_web.login.flow import LoginDetails
from worker.platforms.instagram_web.login.two_factor import CodeReply


def kept(given: FormLogin, details: LoginDetails, asking: Asking) -> Kept:
    """The values stored after a login by the form; no password after a code that only the person could enter."""
    login = None
    if given.log_in_again and not asking.asked:
        login = json.dumps({"username": details.username, "password": details.password})
    return Kept(given.details.totp_secret, login, replaces_login=True)


async def tell_not_kept(ctx: JobContext, rows: Rows) -> None:
    """Tells the person why their password could not be kept."""
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
    """Answers every question with nothing, because no person is present."""
    raise NobodyAnswered().as_variant("absent")


@asynccontextmanager
async def told(ctx: JobContext, rows: Rows) -> AsyncIterator[None]:
    """Forgets the stored password after any error that proves it is not enough, and alerts the person to it."""
    try:
        yield
    except JobError as error:
        if error.effect.job is JobEffect.RETRY:
            await _not_yet(ctx, rows, error)
        else:
            await _failed(ctx, rows, error)
        raise


async def _not_yet(ctx: JobContext, rows: Rows, error: JobError) -> None:
    why = Told.of(error, before="still")
    async with ctx.transaction() as conn:
        await connections.explain(conn, rows.profile.user_id, rows.connection.id, ConnectionState.EXPIRED, why)


async def _failed(ctx: JobContext, rows: Rows, error: JobError) -> None:
    user_id, profile_id = rows.profile.user_id, rows.profile.id
    erased = not error.effect.spares_password
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
