"""RENEW_ACCESS: renews the token of one connection before it ends, and says so where it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from shared.errors import AccessRevoked, AppRefused, JobError, NotConnected
from shared.store.profiles import connections, profiles
from shared.store.profiles.connections import BrowserConnection, ConnectionState
from shared.store.profiles.profiles import ProfileRow
from shared.store.queue import renewals
from shared.store.users import data_keys
from shared.vault import DataKey
from worker.jobs.base import JobContext
from worker.jobs.connect import session_errors
from worker.jobs.connect.connection import place
from worker.jobs.connect.session_errors import Used
from worker.platforms.authorization import Authorizer, Grant
from worker.platforms.base import SessionSecret
from worker.services import Services


@dataclass(frozen=True, slots=True)
class _Due:
    """A connection whose token is to be renewed, as the rows have it."""

    profile: ProfileRow
    row: BrowserConnection
    key: DataKey
    encrypted: bytes


async def run(ctx: JobContext, services: Services) -> None:
    """Asks the provider for the next token, and stores it in the place of the old one in one commit.

    The lane is the connection's, so no sync uses the old token meanwhile. Raises NotConnected where the connection does
    not work any more, AppRefused where the worker has no app for it, and what the authorizer raises. AccessRevoked ends
    the connection, and no other one of the profile.
    """
    ctx.progress("access", 0, None)
    due = await _load(ctx, services)
    try:
        grant = await _ask(services, due)
    except JobError as error:
        await session_errors.record_session_error(ctx, due.profile, Used(due.row.id, due.row.method), error)
        raise
    if grant is None:
        ctx.log.info("access_not_renewed_yet", way_in=due.row.method)
        return
    stored = await _store(ctx, due, grant)
    ctx.log.info("access_renewed", way_in=due.row.method, stored=stored)


async def _load(ctx: JobContext, services: Services) -> _Due:
    user_id, profile_id, connection_id = ctx.job.user_id, ctx.job.profile_id, ctx.job.connection_id
    if profile_id is None or connection_id is None:
        raise NotConnected
    async with ctx.transaction() as conn:
        profile = await profiles.load(conn, user_id, profile_id)
        row = await connections.load_used(conn, user_id, profile_id, connection_id)
        if profile is None or row is None or row.secret is None or row.state != ConnectionState.ACTIVE:
            raise NotConnected
        key = await data_keys.data_key(conn, services.keyring, user_id)
    return _Due(profile, row, key, row.secret)


def _authorizer(services: Services, due: _Due) -> Authorizer:
    found = services.client(due.profile.platform).authorizers.get(due.row.method)
    if found is None:
        raise AppRefused().as_variant("missing")
    return found


async def _ask(services: Services, due: _Due) -> Grant | None:
    """The next grant; a token that has ended cannot be renewed, so its provider is not asked."""
    if due.row.expires_at is not None and due.row.expires_at <= datetime.now(UTC):
        raise AccessRevoked().as_variant("ended")
    text = due.key.decrypt(due.encrypted, place(due.row, "secret")).decode()
    return await _authorizer(services, due).refresh(SessionSecret(text))


async def _store(ctx: JobContext, due: _Due, grant: Grant) -> bool:
    async with ctx.transaction() as conn:
        return await renewals.renew(
            conn,
            due.row.user_id,
            due.row.id,
            opened=due.encrypted,
            secret=due.key.encrypt(grant.secret.text.encode(), place(due.row, "secret")),
            scopes=grant.scopes,
            expires_at=grant.expires_at,
        )
