"""LOGIN: opens what the person entered, logs the browser in, and keeps the session encrypted."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shared.domain.jobs import InputRequest, JobKind
from shared.domain.social import ProfileFacts, Reading
from shared.domain.totp import normalise
from shared.errors import (
    Challenged,
    JobError,
    NotConnected,
    SealedExpired,
    SecretsGone,
    Suspended,
    VaultError,
    WrongAccount,
)
from shared.store import connections, profiles, user_keys
from shared.store.connections import BrowserConnection, ConnectionState
from shared.store.profiles import ProfileRow, ProfileState
from shared.vault import DataKey, Place, Purpose
from worker.browser.failures import typed
from worker.browser.session import BrowserSession
from worker.gate import gate
from worker.jobs.base import JobContext
from worker.jobs.connected import session_place
from worker.platforms.base import SessionSecret
from worker.platforms.instagram_web.client import LiveInstagram
from worker.platforms.instagram_web.login import LoginDetails, log_in
from worker.platforms.instagram_web.second_factor import CodeReply
from worker.services import Services


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the login begins with: the rows, the user's key, and the device of an earlier session."""

    profile: ProfileRow
    connection: BrowserConnection
    key: DataKey
    session: BrowserSession
    stored_totp: str | None


async def run(ctx: JobContext, services: Services) -> None:
    """Ends with the profile CONNECTED, its session stored and a SYNC enqueued; raises what `log_in` raises."""
    details = _details(ctx, services)
    ctx.progress("login", 0, None)
    rows = await _rows(ctx, services)
    try:
        session, facts = await _logged_in(ctx, services, details, rows)
    except (Challenged, Suspended) as error:
        await _mark_challenged(ctx, rows, error)
        raise
    await _save(ctx, rows, session, facts, details.totp_secret)
    ctx.log.info("login_completed", connection=str(rows.connection.id))
    await ctx.enqueue(JobKind.SYNC, profile_id=rows.profile.id)


def _details(ctx: JobContext, services: Services) -> LoginDetails:
    """What the web sealed for this job; raises SecretsGone when it was erased, is too old or is not for this job."""
    job = ctx.job
    if job.sealed is None:
        raise SecretsGone
    try:
        opened = services.keyring.open(
            job.sealed, purpose=Purpose.LOGIN, user_id=job.user_id, subject_id=job.id, now=datetime.now(UTC)
        )
    except VaultError as error:
        raise SecretsGone(error.sentence, next_step=error.next_step) from None
    try:
        entered = json.loads(opened)
        totp_secret = normalise(entered["totp_secret"]) if entered.get("totp_secret") else None
        return LoginDetails(str(entered["username"]), str(entered["password"]), totp_secret)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SecretsGone("What was entered has a form that this worker does not know.") from None


async def _rows(ctx: JobContext, services: Services) -> _Rows:
    user_id, profile_id = ctx.job.user_id, ctx.job.profile_id
    if profile_id is None:
        raise NotConnected
    async with ctx.transaction() as conn:
        profile = await profiles.load(conn, user_id, profile_id)
        if profile is None or profile.state == ProfileState.DELETING:
            raise NotConnected
        await connections.ensure(conn, user_id, profile_id)
        connection = await connections.load(conn, user_id, profile_id)
        key = await user_keys.data_key(conn, services.keyring, user_id)
    if connection is None:
        raise NotConnected
    session = _earlier_device(key, connection) or BrowserSession.fresh(profile.timezone)
    return _Rows(profile, connection, key, session, _stored_totp(key, connection))


def _earlier_device(key: DataKey, connection: BrowserConnection) -> BrowserSession | None:
    """The device that logged in before, for a platform distrusts new ones; None where none can be read."""
    if connection.secret is None:
        return None
    try:
        text = key.decrypt(connection.secret, session_place(connection)).decode()
        return BrowserSession.from_secret(SessionSecret(text)).device_only()
    except VaultError:
        return None


def _stored_totp(key: DataKey, connection: BrowserConnection) -> str | None:
    if connection.totp_secret is None:
        return None
    try:
        return key.decrypt(connection.totp_secret, _totp_place(connection)).decode()
    except VaultError:
        return None


async def _logged_in(
    ctx: JobContext, services: Services, details: LoginDetails, rows: _Rows
) -> tuple[BrowserSession, Reading[ProfileFacts]]:
    """The session of the account that was asked for, and what it shows of itself."""

    async def ask(request: InputRequest) -> CodeReply:
        ctx.progress("code", 0, None)
        sealed = await ctx.ask(request, services.settings.code_wait)
        ctx.progress("login", 0, None)
        return _reply(ctx, services, sealed)

    used = replace(details, totp_secret=details.totp_secret or rows.stored_totp)
    async with services.browser.context(rows.session) as context:
        page = await context.new_page()
        await log_in(page, services.settings.instagram_base_url, used, ask)
        ctx.check()
        with typed():
            user_agent: str = await page.evaluate("navigator.userAgent")
            session = await rows.session.stored(context, user_agent)
            await page.close()
        live = LiveInstagram(context, session, services.settings, gate(ctx, services))
        facts = await live.source.profile(details.username)
        _check_account(details, rows.profile, facts.value)
        return BrowserSession.from_secret(await live.session()), facts


def _reply(ctx: JobContext, services: Services, sealed: bytes) -> CodeReply:
    job = ctx.job
    try:
        opened = services.keyring.open(
            sealed, purpose=Purpose.CODE, user_id=job.user_id, subject_id=job.id, now=datetime.now(UTC)
        )
        return CodeReply.from_json(json.loads(opened))
    except (SealedExpired, ValueError, KeyError, TypeError):
        return CodeReply()


def _check_account(details: LoginDetails, profile: ProfileRow, facts: ProfileFacts) -> None:
    """Raises WrongAccount unless the login led to the account of that name, and to the same one as before."""
    if facts.username.lower() != details.username.lower():
        raise WrongAccount
    if profile.external_id is not None and profile.external_id != facts.platform_id:
        raise WrongAccount("This username now belongs to another account than the one whose history is kept here.")


async def _save(
    ctx: JobContext, rows: _Rows, session: BrowserSession, facts: Reading[ProfileFacts], totp_secret: str | None
) -> None:
    user_id, profile_id, connection = ctx.job.user_id, rows.profile.id, rows.connection
    secret = rows.key.encrypt(session.to_secret().text.encode(), session_place(connection))
    totp = rows.key.encrypt(totp_secret.encode(), _totp_place(connection)) if totp_secret else None
    async with ctx.transaction() as conn:
        if await profiles.has_twin(conn, user_id, profile_id, facts.value.platform_id):
            raise WrongAccount("This account is already connected, under another username.", next_step="")
        if not await connections.activate(conn, user_id, connection.id, secret, totp):
            raise NotConnected("The profile was disconnected while the login was under way.")
        await profiles.save_facts(conn, user_id, profile_id, facts.value, facts.observed_at)
        await profiles.mark_connected(conn, user_id, profile_id)


async def _mark_challenged(ctx: JobContext, rows: _Rows, error: JobError) -> None:
    """Says so on the profile, unless an earlier session of it still works."""
    if rows.profile.state == ProfileState.CONNECTED:
        return
    user_id = ctx.job.user_id
    async with ctx.transaction() as conn:
        await connections.mark(conn, user_id, rows.connection.id, ConnectionState.CHALLENGED)
        await profiles.mark_state(conn, user_id, rows.profile.id, ProfileState.CHALLENGED, error.message)


def _totp_place(connection: BrowserConnection) -> Place:
    return Place("connections", "totp_secret", connection.user_id, connection.id)
