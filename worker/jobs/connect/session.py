"""A profile's connection for the length of a job: opened from its encrypted session, kept as it is afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

from shared.errors import JobError, NotConnected, NotOffered, RollcallError, Transient
from shared.errors.effect import JobEffect, SessionEffect
from shared.platforms import platform_of
from shared.store.profiles import connections, profiles
from shared.store.profiles.connections import ConnectionState
from shared.store.profiles.profiles import ProfileRow, ProfileState
from shared.store.users import data_keys
from shared.vault import DataKey, Place
from worker.jobs.base import JobContext
from worker.jobs.connect import session_errors
from worker.jobs.connect.connection import as_named, place
from worker.jobs.connect.session_errors import Used
from worker.platforms.base import KnowsLogin, LiveSource, ReadsProfile, RotatesTokens, SessionSecret
from worker.rate_limiter import limiter_of
from worker.services import Services


@dataclass(slots=True)
class _Opened:
    """What the rows hold: the profile, the way in, where its session lies, and the session itself."""

    profile: ProfileRow
    method: str
    place: Place
    key: DataKey
    secret: SessionSecret
    encrypted: bytes

    @property
    def connection(self) -> Used:
        return Used(self.place.row_id, self.method)


@asynccontextmanager
async def open_session(ctx: JobContext, services: Services) -> AsyncIterator[tuple[ProfileRow, ReadsProfile]]:
    """The job's profile and its open source.

    Whether the session answers is asked first; the source's first reading of the profile is that answer. At the end the
    rotated session is written back under the job's fence; where a refresh token works once, each new one is written
    before it is used. A session that the platform ended, or a question that it asks, is marked on connection and
    profile and told. Raises NotConnected without a working connection, and NotOffered where none of the profile's
    connections does this kind of job.
    """
    opened = await _open(ctx, services)
    platform = platform_of(opened.profile.platform)
    client = services.client(platform.name)
    limiter = limiter_of(ctx, services, platform, opened.place.row_id, opened.method)
    try:
        async with client.opener(opened.method)(opened.secret, limiter) as live:
            if isinstance(live, RotatesTokens):
                live.store_by(partial(_store, ctx, opened))
            try:
                await live.check(opened.profile.username)
                await _checked(ctx, opened, live)
                yield opened.profile, live.source
            except RollcallError as error:
                if not _is_lost(error):
                    with suppress(Transient):
                        await _store(ctx, opened, await live.session())
                raise
            await _store(ctx, opened, await live.session())
        await session_errors.close_rate_limit_alert(ctx, opened.profile)
    except JobError as error:
        await session_errors.record_session_error(ctx, opened.profile, opened.connection, error)
        raise


async def _open(ctx: JobContext, services: Services) -> _Opened:
    user_id, profile_id = ctx.job.user_id, ctx.job.profile_id
    if profile_id is None:
        raise NotConnected
    async with ctx.transaction() as conn:
        profile = await profiles.load(conn, user_id, profile_id)
        if ctx.job.connection_id is None:
            connection = await connections.load(conn, user_id, profile_id)
        else:
            connection = await connections.load_used(conn, user_id, profile_id, ctx.job.connection_id)
        if connection is None and profile is not None and profile.state == ProfileState.CONNECTED:
            raise NotOffered
        if profile is None or connection is None or connection.secret is None:
            raise NotConnected
        if profile.state == ProfileState.COOLING_DOWN:
            raise NotConnected().as_variant("cooldown")
        if connection.state != ConnectionState.ACTIVE or profile.state != ProfileState.CONNECTED:
            raise _for_the_reason_of(profile)
        key = await data_keys.data_key(conn, services.keyring, user_id)
    encrypted_to = place(connection, "secret")
    secret = SessionSecret(key.decrypt(connection.secret, encrypted_to).decode())
    seen = as_named(profile, connection.account_id)
    return _Opened(seen, connection.method, encrypted_to, key, secret, connection.secret)


def _for_the_reason_of(profile: ProfileRow) -> NotConnected:
    """NotConnected with the text that explains the profile's state; it ends with the user's next step."""
    if profile.state_reason is None:
        return NotConnected()
    error = NotConnected(profile.state_reason, next_step="")
    error.params = {"because": profile.state_code, **profile.state_params}
    return error


def _is_lost(error: RollcallError) -> bool:
    """Whether there is no session left to keep, or no right to keep it."""
    return error.effect.session is SessionEffect.OVER or error.effect.job is JobEffect.LEAVE


async def _checked(ctx: JobContext, opened: _Opened, live: LiveSource) -> None:
    login_id = live.login_id if isinstance(live, KnowsLogin) else None
    async with ctx.transaction() as conn:
        await connections.mark_checked(conn, opened.profile.user_id, opened.place.row_id)
        if login_id is not None:
            await connections.name_login(conn, opened.profile.user_id, opened.place.row_id, login_id)
        await session_errors.close_session_alerts(conn, opened.profile, opened.method)


async def _store(ctx: JobContext, opened: _Opened, session: SessionSecret) -> None:
    """Stores the session as it is now in the place of the one that was stored last."""
    encrypted = opened.key.encrypt(session.text.encode(), opened.place)
    renewed = session.text != opened.secret.text and opened.method in platform_of(opened.profile.platform).providers
    async with ctx.transaction() as conn:
        await connections.rotate(
            conn,
            opened.profile.user_id,
            opened.place.row_id,
            opened.encrypted,
            encrypted,
            session.scopes,
            is_renewed=renewed,
            ends_at=session.ends_at,
        )
    opened.secret, opened.encrypted = session, encrypted
