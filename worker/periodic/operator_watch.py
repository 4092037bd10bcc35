"""Watches the installation for its operators: opens and closes their episodes, and mails about each that begins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from shared import logs
from shared.db.pools import WorkerConnection
from shared.domain.operation import Ended, QuotaState, Trouble
from shared.platforms import PLATFORMS
from shared.platforms.platform import Quota
from shared.store.operator import episodes
from shared.store.profiles.alerts import AlertKind
from worker.notify import operators
from worker.notify.base import Sender
from worker.notify.deliver import sender_of
from worker.periodic.task import repeating
from worker.services import Services
from worker.telemetry.measures import UNMEASURED, Measures

_EVERY = timedelta(minutes=5)
_log = logs.get("worker.periodic.operator_watch")


async def watch(services: Services) -> list[Trouble]:
    """Brings the episodes up to date, in one transaction, and returns those that begin.

    Each of them is one line of the log with the level ERROR, which Sentry gets where it is set up.
    """
    addresses = services.settings.operators or frozenset()
    async with services.pool.connection() as conn:
        begun = await episodes.follow(conn, await _troubles(conn), addresses)
    for one in begun:
        _log.error("operator_episode_began", kind=one.kind, about=one.subject, **one.params)
    return begun


async def _troubles(conn: WorkerConnection) -> list[Trouble]:
    failing = [_failing(one) for one in await episodes.job_results(conn) if one.is_failing]
    tokens = await episodes.ended_tokens(conn)
    states = [await episodes.quota_state(conn, quota) for quota in _quotas()]
    return [
        *failing,
        *(Trouble(AlertKind.TOKENS_ENDED, name, {"number": number}) for name, number in sorted(tokens.items())),
        *(_low(one) for one in states if one is not None and one.is_low),
    ]


def _failing(one: Ended) -> Trouble:
    counts = {"failed": one.failed, "ended": one.completed + one.failed}
    return Trouble(AlertKind.JOBS_FAILING, one.platform, counts)


def _low(one: QuotaState) -> Trouble:
    """What the platform says counts more than what was counted here."""
    limit = None if one.is_spent else one.day_limit
    return Trouble(AlertKind.QUOTA_LOW, one.quota, {"units": one.units, "limit": limit})


def _quotas() -> Iterable[Quota]:
    """The quotas of all official ways in, each once."""
    every = (quota for one in PLATFORMS.values() for quotas in one.quotas.values() for quota in quotas)
    return {quota.name: quota for quota in every}.values()


@asynccontextmanager
async def watching(
    services: Services, measures: Measures = UNMEASURED, every: timedelta = _EVERY
) -> AsyncIterator[None]:
    """Watches for as long as the block lasts, where this worker keeps the schedule."""
    if not services.settings.scheduler:
        yield
        return
    turn = partial(_turn, services, sender_of(services.settings))
    async with repeating("operators", turn, every, measures):
        yield


async def _turn(services: Services, sender: Sender | None) -> None:
    await watch(services)
    if sender is not None:
        await operators.deliver(services.pool, sender, services.settings.public_url)
