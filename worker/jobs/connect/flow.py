"""The common beginning and end of every way to connect: the rows, the device, and the stored session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from shared.domain.job_kinds import READ_BY_SYNC
from shared.domain.jobs import JobKind
from shared.domain.social import ProfileFacts, Reading
from shared.errors import (
    BrowserFailed,
    JobError,
    LoginThrottled,
    NotConnected,
    VaultError,
    WrongAccount,
)
from shared.errors.effect import JobEffect, SessionEffect
from shared.store.profiles import alerts, connections, profiles
from shared.store.profiles.alerts import SESSION_KINDS
from shared.store.profiles.connections import BrowserConnection
from shared.store.profiles.profiles import ProfileRow, ProfileState
from shared.store.queue import login_screenshots, schedule
from shared.store.users import data_keys
from shared.vault import DataKey, Place
from worker.browser.failures import typed
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.jobs.base import JobContext
from worker.jobs.connect import screenshots, session_errors
from worker.jobs.connect.session import session_place
from worker.platforms.base import SessionSecret
from worker.platforms.instagram_web.client import LiveInstagram
from worker.rate_limiter import gate
from worker.services import Services


@dataclass(frozen=True, slots=True)
class Rows:
    """The inputs of connecting: the rows, the user's key, and the device of an earlier session or a fresh one."""

    profile: ProfileRow
    connection: BrowserConnection
    key: DataKey
    device: BrowserSession

    def place(self, column: str) -> Place:
        """The place that a column of the connection is encrypted for."""
        return Place("connections", column, self.connection.user_id, self.connection.id)

    def opened(self, column: str, stored: bytes | None) -> str | None:
        """The decrypted text of a column; None where it is empty or does not open."""
        if stored is None:
            return None
        try:
            return self.key.decrypt(stored, self.place(column)).decode()
        except VaultError:
            return None


@dataclass(frozen=True, slots=True)
class Kept:
    """The values stored with the session, encrypted. `replaces_login` False leaves a stored password as it is."""

    totp_secret: str | None = field(default=None, repr=False)
    login: str | None = field(default=None, repr=False)
    replaces_login: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way in: the account, the browser's start, and the steps until it is logged in.

    `kept` is called after the login, because some ways know only then what may be kept. `keeps_device`: the device is
    remembered after a failure. `secrets` are covered wherever a page repeats them in a picture.
    """

    username: str
    start: BrowserSession
    enter: Callable[[BrowserContext], Awaitable[None]]
    kept: Callable[[], Kept] = Kept
    keeps_device: bool = True
    secrets: tuple[str, ...] = field(default=(), repr=False)


async def load(ctx: JobContext, services: Services) -> Rows:
    """The rows of the job's profile, with a new connection if there is none; raises NotConnected without a profile."""
    user_id, profile_id = ctx.job.user_id, ctx.job.profile_id
    if profile_id is None:
        raise NotConnected
    async with ctx.transaction() as conn:
        profile = await profiles.load(conn, user_id, profile_id)
        if profile is None or profile.state == ProfileState.DELETING:
            raise NotConnected
        await connections.ensure(conn, user_id, profile_id)
        connection = await connections.load(conn, user_id, profile_id)
        key = await data_keys.data_key(conn, services.keyring, user_id)
    if connection is None:
        raise NotConnected
    device = _earlier_device(key, connection) or BrowserSession.fresh(profile.timezone)
    return Rows(profile, connection, key, device)


async def connect(ctx: JobContext, services: Services, rows: Rows, way: Way, browser: BrowserPool) -> None:
    """Logs in by one way and ends with the profile CONNECTED, its session stored and a SYNC enqueued.

    Raises the way's errors, the errors that end a session, LoginThrottled where it would have to wait, and
    WrongAccount.
    """
    try:
        session, facts = await _let_in(ctx, services, rows, way, browser)
    except JobError as error:
        if error.effect.job is JobEffect.WAIT:
            raise _throttled(error) from None
        if error.effect.needs_person:
            await _mark_stopped(ctx, rows, error)
        raise
    await save_session(ctx, rows, session, facts, way.kept())
    ctx.log.info("login_completed", connection=str(rows.connection.id))
    await ctx.enqueue(JobKind.SYNC, profile_id=rows.profile.id)


async def save_session(
    ctx: JobContext, rows: Rows, session: BrowserSession, facts: Reading[ProfileFacts], kept: Kept
) -> None:
    """Stores the session, encrypted, as the profile's connection, and the facts that the account shows.

    Raises WrongAccount when another profile of the user is this account, NotConnected when it was disconnected.
    """
    user_id, profile_id = ctx.job.user_id, rows.profile.id
    async with ctx.transaction() as conn:
        if await profiles.has_twin(conn, user_id, profile_id, facts.value.platform_id):
            raise WrongAccount().as_variant("other_username")
        stored = await connections.activate(
            conn,
            user_id,
            rows.connection.id,
            rows.key.encrypt(session.to_secret().text.encode(), rows.place("secret")),
            _encrypted(rows, "totp_secret", kept.totp_secret),
            login_secret=_encrypted(rows, "login_secret", kept.login),
            keep_login=not kept.replaces_login,
        )
        if not stored:
            raise NotConnected().as_variant("disconnected")
        await login_screenshots.forget(conn, user_id, ctx.job.id)
        await profiles.save_facts(conn, user_id, profile_id, facts.value, facts.observed_at)
        await schedule.begin(conn, user_id, profile_id, READ_BY_SYNC | {JobKind.CHECK_SESSION})
        await alerts.close(conn, SESSION_KINDS, user_id=user_id, profile_id=profile_id)


async def _let_in(
    ctx: JobContext, services: Services, rows: Rows, way: Way, browser: BrowserPool
) -> tuple[BrowserSession, Reading[ProfileFacts]]:
    """The session of the requested account, and the facts that it shows.

    A browser that dies while the device or picture of a failed login is saved does not change the login's error.
    """
    failed: JobError | None = None
    try:
        async with browser.context(way.start) as context:
            try:
                return await _entered(ctx, services, rows, way, context)
            except WrongAccount:
                raise
            except JobError as error:
                failed = error
                if way.keeps_device:
                    await keep_device(ctx, rows, way.start, context)
                await screenshots.keep(ctx, services, context, (way.username, *way.secrets))
                raise
    except BrowserFailed as error:
        raise failed or error from None


async def _entered(
    ctx: JobContext, services: Services, rows: Rows, way: Way, context: BrowserContext
) -> tuple[BrowserSession, Reading[ProfileFacts]]:
    await way.enter(context)
    ctx.check()
    with typed():
        session = await way.start.stored(context)
    live = LiveInstagram(context, session, services.settings, gate(ctx, services, rows.connection.id))
    facts = await live.check(way.username)
    _check_account(way.username, rows.profile, facts.value)
    return BrowserSession.from_secret(await live.session()), facts


async def keep_device(ctx: JobContext, rows: Rows, start: BrowserSession, context: BrowserContext) -> None:
    """Stores the device: a platform ties an approval to the device that asked, and distrusts new ones (IG-3.7)."""
    with suppress(PlaywrightError):
        device = (await start.stored(context)).device_only()
        secret = rows.key.encrypt(device.to_secret().text.encode(), rows.place("secret"))
        async with ctx.transaction() as conn:
            await connections.keep_device(conn, rows.profile.user_id, rows.connection.id, secret)


def _check_account(username: str, profile: ProfileRow, facts: ProfileFacts) -> None:
    """Raises WrongAccount unless the login led to the account of that name, and to the same one as before."""
    if facts.username.lower() != username.lower() and profile.external_id != facts.platform_id:
        raise WrongAccount
    if profile.external_id is not None and profile.external_id != facts.platform_id:
        raise WrongAccount().as_variant("moved")


def _throttled(error: JobError) -> LoginThrottled:
    if error.effect.session is SessionEffect.LIMITED:
        return LoginThrottled()
    return LoginThrottled().as_variant("budget")


async def _mark_stopped(ctx: JobContext, rows: Rows, error: JobError) -> None:
    """Marks the failure on the connection, unless an earlier session of it still works."""
    profile = rows.profile
    async with ctx.transaction() as conn:
        if error.effect.session is SessionEffect.WARNED:
            await session_errors.warned(ctx, conn, profile, rows.connection.id, error)
        elif profile.state != ProfileState.CONNECTED:
            await session_errors.question(conn, profile, rows.connection.id, error)


def _earlier_device(key: DataKey, connection: BrowserConnection) -> BrowserSession | None:
    """The device of an earlier login, because a platform distrusts new ones; None where none can be read."""
    if connection.secret is None:
        return None
    try:
        text = key.decrypt(connection.secret, session_place(connection)).decode()
        return BrowserSession.from_secret(SessionSecret(text)).device_only()
    except VaultError:
        return None


def _encrypted(rows: Rows, column: str, text: str | None) -> bytes | None:
    return None if text is None else rows.key.encrypt(text.encode(), rows.place(column))
