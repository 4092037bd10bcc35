"""Connecting, the same for every way in: begin, sign in and verify, store, follow up."""

from __future__ import annotations

from dataclasses import replace

from playwright.async_api import BrowserContext

from shared.domain.job_kinds import READ_BY_SYNC
from shared.domain.jobs import JobKind
from shared.domain.social import Observation, ProfileFacts
from shared.errors import BrowserFailed, JobError, NotConnected, VaultError, WrongAccount
from shared.platforms import WayIn
from shared.store.profiles import connections, profiles
from shared.store.profiles.profiles import ProfileRow, ProfileState
from shared.store.queue import login_screenshots, schedule
from shared.store.users import data_keys
from worker.browser.failures import typed_errors
from worker.browser.session import BrowserSession
from worker.jobs.base import JobContext
from worker.jobs.connect import screenshots, session_errors
from worker.jobs.connect.connection import ConnectionContext, StoredCredentials, place
from worker.jobs.connect.method import LoginMethod
from worker.platforms.base import SessionSecret
from worker.services import Services


async def begin(ctx: JobContext, services: Services) -> ConnectionContext:
    """The job's profile and its connection, made where there was none; raises NotConnected when the profile is gone."""
    user_id, profile_id = ctx.job.user_id, ctx.job.profile_id
    if profile_id is None:
        raise NotConnected
    async with ctx.transaction() as conn:
        profile = await profiles.load(conn, user_id, profile_id)
        if profile is None or profile.state == ProfileState.DELETING:
            raise NotConnected
        await connections.ensure(conn, user_id, profile_id)
        row = await connections.load(conn, user_id, profile_id)
        key = await data_keys.data_key(conn, services.keyring, user_id)
    if row is None:
        raise NotConnected
    fresh = BrowserSession.fresh(profile.timezone)
    connection = ConnectionContext(ctx, services, profile, row, key, fresh)
    return replace(connection, device=_earlier_device(connection) or fresh)


async def establish(connection: ConnectionContext, method: LoginMethod) -> None:
    """Goes in by one way and ends with the profile CONNECTED, its session stored and a SYNC enqueued.

    Raises what the method raises, what ends a session, LoginThrottled where it would have to wait, and WrongAccount.
    """
    try:
        session, facts = await _sign_in(connection, method)
        await _store(connection, session, facts, method.credentials_to_keep())
    except JobError as error:
        known = await session_errors.record_login_error(connection, error)
        raise await method.explain(known) from None
    connection.ctx.log.info("login_completed", connection=str(connection.row.id))
    await connection.ctx.enqueue(JobKind.SYNC, profile_id=connection.profile.id)
    await method.follow_up()


async def _sign_in(
    connection: ConnectionContext, method: LoginMethod
) -> tuple[BrowserSession, Observation[ProfileFacts]]:
    """The session of the account that was asked for, and what it shows of itself.

    A browser that dies while it is asked for what a failed login leaves does not change why it failed.
    """
    start = method.start_from(connection.device)
    failed: JobError | None = None
    try:
        async with connection.services.browser.context(start) as context:
            try:
                await method.sign_in(context)
                return await _verify(connection, method.username, start, context)
            except WrongAccount:
                raise
            except JobError as error:
                failed = error
                await _keep_traces(connection, method, context)
                raise
    except BrowserFailed as error:
        raise failed or error from None


async def _verify(
    connection: ConnectionContext, username: str, start: BrowserSession, context: BrowserContext
) -> tuple[BrowserSession, Observation[ProfileFacts]]:
    """Asks the platform whose session it is; raises WrongAccount for another account than the one asked for."""
    connection.ctx.check()
    with typed_errors():
        session = await start.read_from(context)
    view = connection.open_view(context, session)
    facts = await view.check(username)
    _check_account(username, connection.profile, facts.value)
    return BrowserSession.from_secret(await view.session()), facts


async def _keep_traces(connection: ConnectionContext, method: LoginMethod, context: BrowserContext) -> None:
    if method.keeps_device:
        await connection.keep_device(context)
    await screenshots.keep(connection, context, (method.username, *method.secrets))


async def _store(
    connection: ConnectionContext, session: BrowserSession, facts: Observation[ProfileFacts], kept: StoredCredentials
) -> None:
    """Stores the session, encrypted, as the profile's connection, and what the account shows of itself.

    Raises WrongAccount when another profile of the person is this account, NotConnected when it was disconnected.
    """
    user_id, profile_id = connection.profile.user_id, connection.profile.id
    async with connection.ctx.transaction() as conn:
        if await profiles.has_twin(conn, user_id, profile_id, facts.value.platform_id):
            raise WrongAccount().as_variant("other_username")
        stored = await connections.activate(
            conn,
            user_id,
            connection.row.id,
            connection.encrypt("secret", session.to_secret().text),
            None if kept.totp_secret is None else connection.encrypt("totp_secret", kept.totp_secret),
            login_secret=None if kept.login is None else connection.encrypt("login_secret", kept.login),
            keep_login=not kept.replaces_login,
        )
        if not stored:
            raise NotConnected().as_variant("disconnected")
        await login_screenshots.forget(conn, user_id, connection.ctx.job.id)
        await profiles.save_facts(conn, user_id, profile_id, facts.value, facts.observed_at)
        await schedule.begin(conn, user_id, profile_id, READ_BY_SYNC | {JobKind.CHECK_SESSION})
        await session_errors.close_after_connecting(conn, user_id, profile_id, WayIn.BROWSER)


def _check_account(username: str, profile: ProfileRow, facts: ProfileFacts) -> None:
    """Raises WrongAccount unless the login led to the account of that name, and to the same one as before."""
    if facts.username.lower() != username.lower() and profile.external_id != facts.platform_id:
        raise WrongAccount
    if profile.external_id is not None and profile.external_id != facts.platform_id:
        raise WrongAccount().as_variant("moved")


def _earlier_device(connection: ConnectionContext) -> BrowserSession | None:
    """The device that logged in before, for a platform distrusts new ones; None where none can be read."""
    row = connection.row
    if row.secret is None:
        return None
    try:
        text = connection.key.decrypt(row.secret, place(row, "secret")).decode()
        return BrowserSession.from_secret(SessionSecret(text)).device_only(connection.login.device_cookies)
    except VaultError:
        return None
