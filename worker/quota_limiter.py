"""The rate limiter of an official way in: each call is counted in Postgres before it is made, for all workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from shared.domain.jobs import INTERACTIVE_PRIORITY
from shared.errors import QuotaSpent
from shared.platforms.platform import Quota
from shared.store.profiles import api_calls
from worker.jobs.base import JobContext
from worker.platforms.base import Cost
from worker.services import Pool


class QuotaLimiter:
    """Counts for the app and for the connection; near the end of a day's quota only a person's own jobs go on."""

    is_off = True

    def __init__(self, ctx: JobContext, pool: Pool, connection_id: UUID, quotas: Sequence[Quota]) -> None:
        self._ctx, self._pool, self._connection_id = ctx, pool, connection_id
        self._quotas = {quota.name: quota for quota in quotas}
        self._kept = dict[str, datetime]()

    async def acquire(self, cost: Cost | None = None) -> None:
        """Returns when the call is counted; raises QuotaSpent, or what `JobContext.check` raises.

        A call without a cost, such as one for a token, has no quota.
        """
        self._ctx.check()
        if cost is None:
            return
        job = self._ctx.job
        by_person = job.priority <= INTERACTIVE_PRIORITY
        kept = self._kept.get(cost.quota)
        if kept is not None and kept > datetime.now(UTC) and not by_person:
            raise QuotaSpent(until=kept).as_variant("kept")
        async with self._pool.connection() as conn:
            counted = await api_calls.count(
                conn,
                job.user_id,
                self._connection_id,
                self._quotas[cost.quota],
                cost.units,
                by_person=by_person,
            )
        if not counted.granted:
            variant = "app" if counted.spent else "kept"
            raise QuotaSpent(until=counted.until).as_variant(variant).of_quota(cost.quota)

    async def mark_spent(self, cost: Cost, until: datetime) -> None:
        """Stores the platform's word for all workers."""
        async with self._pool.connection() as conn:
            await api_calls.mark_spent(conn, self._quotas[cost.quota], until)

    def keep_rest(self, cost: Cost, until: datetime) -> None:
        """Holds for this session; the next one learns it from its first answer."""
        self._kept[cost.quota] = until
