"""The rate limiter in front of the platform: pace and budget of one connection, in one row for all workers."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from shared.db.pools import WorkerConnection
from shared.domain.job_kinds import JOB_KINDS, BudgetClass
from shared.domain.plan import Limits, Size, plan
from shared.errors import BudgetSpent
from shared.platforms import Platform, WayIn
from shared.store.profiles import budget
from shared.store.profiles.budget import Turn
from worker.jobs.base import JobContext
from worker.platforms.base import Cost, NoLimit, RateLimiter
from worker.quota_limiter import QuotaLimiter
from worker.services import Pool, Services

# A longer wait is up to the queue: the job releases its browser, and its lane.
_LONGEST_SLEEP = timedelta(minutes=1)
_SLICE = 0.5


def limiter_of(
    ctx: JobContext, services: Services, platform: Platform, connection_id: UUID, method: str = WayIn.BROWSER
) -> RateLimiter:
    """The rate limiter of this job's requests by a connection: its quotas, or a pace and a budget where they are set.

    `method` is that of the connection.
    """
    if quotas := platform.quotas.get(WayIn(method)):
        return QuotaLimiter(ctx, services.pool, connection_id, quotas)
    within = budget.limits(services.settings, platform)
    return NoLimit() if within.is_off else BudgetLimiter(ctx, services.pool, connection_id, within)


class BudgetLimiter:
    """Each turn updates one row; it waits outside a transaction, and notices when the job has to stop.

    Counters, stories and the session come first: lists leave them their share of the day, and optional work leaves
    lists theirs. A login never waits for the budget, because a person does.
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
        self._class = JOB_KINDS[ctx.job.kind].budget
        self._kept: int | None = None

    async def acquire(self, cost: Cost | None = None) -> None:
        """Returns when the request may be made; raises BudgetSpent, or what `JobContext.check` raises."""
        while True:
            self._ctx.check()
            turn = await self._take()
            if not turn.granted and turn.wait > _LONGEST_SLEEP.total_seconds():
                raise self._spent(turn)
            await self._wait(turn.wait)
            if turn.granted:
                return

    async def mark_spent(self, cost: Cost, until: datetime) -> None:
        """Nothing: what is read at a human pace has no quota."""

    def keep_rest(self, cost: Cost, until: datetime) -> None:
        """Nothing, for the same reason."""

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
                refusable=self._class is not BudgetClass.UNLIMITED,
            )

    async def _for_others(self, conn: WorkerConnection) -> int:
        if not self._within.per_day or self._class in (BudgetClass.UNLIMITED, BudgetClass.FIRST):
            return 0
        if self._class is BudgetClass.LAST:
            return await budget.reserve(conn, self._ctx.job.user_id, self._connection_id, self._within.pages)
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
        return BudgetSpent(until=turn.until, day_over=True)
