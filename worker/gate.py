"""The gate in front of the platform: pace and budget of one connection, kept in the database for all workers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.domain.plan import Limits, Size, plan
from shared.errors import BudgetSpent
from shared.store import budget
from shared.store.budget import Turn
from worker.jobs.base import JobContext
from worker.platforms.base import Gate, OpenGate
from worker.services import Pool, Services

# A longer wait is the queue's: the job gives back its browser, and its lane to others.
_LONGEST_SLEEP = timedelta(minutes=1)
_SLICE = 0.5
_ALWAYS = frozenset({JobKind.LOGIN, JobKind.SYNC_PROFILE, JobKind.SYNC_STORIES, JobKind.CHECK_SESSION})
_LAST = frozenset({JobKind.SYNC_LIKERS, JobKind.LOOK_UP, JobKind.PROBE})


def gate(ctx: JobContext, services: Services, connection_id: UUID) -> Gate:
    """What this job's requests by a connection pass: nothing where neither pace nor budget is set."""
    within = budget.limits(services.settings)
    return OpenGate() if within.is_off else BudgetGate(ctx, services.pool, connection_id, within)


class BudgetGate:
    """Each turn is one row's update; the waiting is done without a transaction, and notices when the job is to stop.

    Counters, stories and the session come first: lists leave them what they need of the day, and what is read last
    leaves lists what they need. A login never waits for the budget, because a person does.
    """

    is_off = False

    def __init__(
        self,
        ctx: JobContext,
        pool: Pool,
        connection_id: UUID,
        within: Limits,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._ctx, self._pool, self._connection_id, self._within = ctx, pool, connection_id, within
        self._sleep, self._chance = sleep, chance
        self._kept: int | None = None

    async def turn(self) -> None:
        """Returns when the request may be made; raises BudgetSpent, or what `JobContext.check` raises."""
        while True:
            self._ctx.check()
            turn = await self._take()
            if not turn.granted and turn.wait > _LONGEST_SLEEP.total_seconds():
                raise self._spent(turn)
            await self._wait(turn.wait)
            if turn.granted:
                return

    async def _take(self) -> Turn:
        job, pause = self._ctx.job, self._within.pace + self._within.jitter * self._chance()
        async with self._pool.connection() as conn:
            if self._kept is None:
                self._kept = await self._for_others(conn)
            return await budget.take(
                conn,
                job.user_id,
                self._connection_id,
                self._within,
                pause,
                kept=self._kept,
                refusable=job.kind is not JobKind.LOGIN,
            )

    async def _for_others(self, conn: WorkerConnection) -> int:
        kind, user_id, per_day = self._ctx.job.kind, self._ctx.job.user_id, self._within.per_day
        if not per_day or kind in _ALWAYS:
            return 0
        if kind in _LAST:
            return await budget.reserve(conn, user_id, self._connection_id)
        return plan(Size(None, None, None), self._within).steady

    async def _wait(self, seconds: float) -> None:
        while seconds > 0:
            self._ctx.check()
            await self._sleep(min(seconds, _SLICE))
            seconds -= _SLICE
        self._ctx.check()

    def _spent(self, turn: Turn) -> BudgetSpent:
        if not turn.day_over:
            return BudgetSpent(until=turn.until).as_variant("window")
        if self._kept:
            return BudgetSpent(until=turn.until).as_variant("reserved")
        return BudgetSpent(until=turn.until, rests_profile=True)
