"""Acts on the callbacks of providers: ends the connections of a login that removed the app, and erases their data."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from shared import logs
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.error_text import StoredError
from shared.errors import AccessRevoked, SealedExpired, VaultError
from shared.platforms import provided_by
from shared.store.profiles import alerts
from shared.store.profiles.alerts import AlertKind
from shared.store.queue import claims, jobs
from shared.store.users import callbacks
from shared.store.users.callbacks import CallbackKind, CallbackState, Named, ToErase, Waiting
from shared.vault import NO_ONE, Purpose
from worker.periodic.task import repeating
from worker.platforms.authorization import TakesCallbacks
from worker.services import Services
from worker.telemetry.measures import UNMEASURED, Measures

_EVERY = timedelta(seconds=10)
_BATCH = 5_000
# So long a person may ask how it stands.
_KEPT = timedelta(days=365)
_log = logs.get("worker.periodic.callbacks")


@asynccontextmanager
async def answering(
    services: Services, measures: Measures = UNMEASURED, every: timedelta = _EVERY
) -> AsyncIterator[None]:
    """Acts on callbacks for as long as the block lasts, where this worker keeps the schedule."""
    if not services.settings.scheduler:
        yield
        return
    async with repeating("callbacks", partial(turn, services), every, measures):
        yield


async def turn(services: Services, batch: int = _BATCH) -> None:
    """Looks at every callback that waits, then goes on with the erasures; safe to run in parallel."""
    seen: list[UUID] = []
    while (looked := await _look(services, seen)) is not None:
        seen.append(looked)
    async with services.pool.connection() as conn:
        await callbacks.remove_old(conn, _KEPT)
        under_way = await callbacks.erasing(conn)
    for callback_id, connections in under_way.items():
        await _erase(services, callback_id, connections, batch)


async def _look(services: Services, seen: list[UUID]) -> UUID | None:
    """Judges the next callback and acts on it, in one transaction; None where there is no other."""
    async with services.pool.connection() as conn, conn.transaction():
        waiting = await callbacks.next_waiting(conn, seen)
        if waiting is None:
            return None
        known = provided_by(waiting.provider)
        if known is None:
            await callbacks.become(conn, waiting.id, CallbackState.REFUSED)
            return waiting.id
        platform, way_in, _ = known
        authorizer = services.client(platform.name).authorizers.get(way_in)
        if not isinstance(authorizer, TakesCallbacks):
            # The secret that would show whose it is may come back with the next start.
            _log.warning("callback_not_checked", provider=waiting.provider)
            return waiting.id
        login_id = authorizer.login_named_in(_opened(services, waiting))
        found = [] if login_id is None else await callbacks.with_login(conn, platform.name, way_in, login_id)
        for one in found:
            await _end(conn, one, waiting.kind)
        await callbacks.become(conn, waiting.id, _outcome(login_id, found, waiting.kind), [one.id for one in found])
    _log.info("callback_judged", provider=waiting.provider, kind=waiting.kind, connections=len(found))
    return waiting.id


def _opened(services: Services, waiting: Waiting) -> str:
    """The signed request; empty for one that waited too long or does not open."""
    now = datetime.now(UTC)
    try:
        text = services.keyring.open(
            waiting.sealed, purpose=Purpose.CALLBACK, user_id=NO_ONE, subject_id=waiting.id, now=now
        )
        return str(json.loads(text)["signed_request"])
    except (SealedExpired, VaultError, ValueError, KeyError, TypeError):
        return ""


def _outcome(login_id: str | None, found: list[Named], kind: CallbackKind) -> CallbackState:
    if login_id is None:
        return CallbackState.REFUSED
    if not found:
        return CallbackState.UNKNOWN
    return CallbackState.ERASING if kind is CallbackKind.DATA_DELETION else CallbackState.DONE


async def _end(conn: WorkerConnection, found: Named, kind: CallbackKind) -> None:
    """The connection ends as one whose access was withdrawn; its person is told unless its data goes with it."""
    error = AccessRevoked().as_variant("removed")
    why = StoredError.of(error)
    await callbacks.end(conn, found, why)
    await claims.end_waiting(conn, found.user_id, found.id, why)
    await callbacks.cancel_jobs(conn, found)
    if kind is CallbackKind.DEAUTHORIZE and found.state != "REVOKED" and found.profile_state != "DELETING":
        params = {"code": error.code, **error.params}
        about = {"user_id": found.user_id, "profile_id": found.profile_id}
        await alerts.raise_alert(conn, AlertKind.SESSION_DEAD, params, **about, subject=found.method)


async def _erase(services: Services, callback_id: UUID, connections: list[UUID], batch: int) -> None:
    """Erases what is left of the connections' data; the callback is done when none of them is there any more."""
    async with services.pool.connection() as conn:
        left = await callbacks.to_erase(conn, connections)
    for one in left:
        if not one.is_used and one.profile_state != "DELETING":
            await _erase_one(services, one, batch)
    async with services.pool.connection() as conn, conn.transaction():
        if not await callbacks.to_erase(conn, connections):
            await callbacks.become(conn, callback_id, CallbackState.DONE)
            _log.info("callback_done", callback_id=str(callback_id))


async def _erase_one(services: Services, one: ToErase, batch: int) -> None:
    """The whole profile where nothing else has read it; else the rows of this way in, and the days are derived anew."""
    if not one.has_others:
        async with services.pool.connection() as conn, conn.transaction():
            if await callbacks.begin_deletion(conn, one):
                await jobs.enqueue_follow_up(conn, one.user_id, one.profile_id, JobKind.DELETE_PROFILE)
        return
    gone = batch
    while gone >= batch:
        async with services.pool.connection() as conn, conn.transaction():
            gone = await callbacks.erase(conn, one, batch)
    async with services.pool.connection() as conn, conn.transaction():
        await callbacks.forget(conn, one)
        await jobs.enqueue_follow_up(conn, one.user_id, one.profile_id, JobKind.DERIVE, args={"all": True})
