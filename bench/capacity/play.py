"""Hours of a fleet in virtual time: the real schedule, the real claims and the real ends of jobs, without the reading.

A minute is a tick: what has ended is settled, what is due is enqueued, what can be claimed is claimed. There is a place
for every job that can be claimed, so `busy` says how many places the fleet needs. A claimed job begins somewhere within
its minute, reads as its profile's budget lets it, and gives its place and its lane back when it has to wait.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from bench.capacity.assumptions import Guess
from bench.capacity.budget_model import BudgetModel, Read
from bench.capacity.counts import MINUTE, Tally
from bench.capacity.job_costs import ALWAYS, LAST, OPENING, JobRequests, Profile, follow_ups, job_requests
from bench.capacity.virtual import Clock
from shared.db.pools import WorkerConnection
from shared.domain import backoff
from shared.domain.backoff import Decision
from shared.domain.cooldown import Cooldown
from shared.domain.job_kinds import SESSION_KINDS
from shared.domain.jobs import INTERACTIVE_PRIORITY, SCHEDULED_PRIORITY, JobKind, JobState, Outcome
from shared.domain.plan import Limits
from shared.store.queue import claims
from shared.store.queue.claims import Job

_BATCH = 200
# The simulation sends no beats, so its leases are longer than it lasts.
_LEASE = timedelta(days=1)
_FOLLOW_UP: LiteralString = """
    insert into public.sync_jobs (user_id, profile_id, kind, priority, run_at) values (%s, %s, %s, %s, %s)
    on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of an attempt beyond the pace, as measured: a session opened and closed, the days derived."""

    opening: float
    derive: float


@dataclass(slots=True)
class Running:
    """A running job, and the ending of its attempt."""

    job: Job
    read: Read


class Play:
    """A running fleet; the same seed draws the same fleet."""

    def __init__(
        self,
        conn: WorkerConnection,
        clock: Clock,
        fleet: dict[UUID, Profile],
        limits: Limits,
        guess: Guess,
        costs: Costs,
    ) -> None:
        self._conn, self._clock, self._fleet = conn, clock, fleet
        self._limits, self._guess, self._costs = limits, guess, costs
        self._rng = Random(len(fleet))
        self._budgets: dict[UUID, BudgetModel] = {}
        self._left: dict[UUID, JobRequests] = {}
        self._lanes: dict[UUID, UUID] = {}
        self._under_way: list[tuple[float, int, Running]] = []
        self._cooldowns: list[tuple[float, UUID]] = []
        self._number = 0
        self.now = 0.0
        self.tally = Tally()

    async def run(self, hours: float) -> Tally:
        """Plays so many hours from the beginning."""
        for minute in range(round(hours * 60)):
            await self._minute(minute * MINUTE)
        return self.tally

    async def _minute(self, at: float) -> None:
        self.now = at
        await self._settle(at)
        ticked = await self._clock.tick(self._conn, at)
        self.tally.due.append(ticked.due)
        self.tally.calls.append(ticked.calls)
        ended = [str(profile) for profile in self._ended_cooldowns(at)]
        by = await self._clock.present(self._conn, at, ended)
        began = time.perf_counter()
        while claimed := await claims.claim(self._conn, "fleet", _LEASE, list(JobKind), _BATCH):
            for job in claimed:
                self._start(job, at)
        self.tally.claim_seconds += time.perf_counter() - began
        self.tally.blocked.append(await self._clock.away(self._conn, by))

    def _start(self, job: Job, at: float) -> None:
        assert job.profile_id is not None
        if job.kind in SESSION_KINDS:
            self.tally.twice += job.profile_id in self._lanes
            self._lanes[job.profile_id] = job.id
        begin = at + self._rng.random() * MINUTE
        read = self._read(job, job.profile_id, begin)
        self.tally.count(job.kind, begin, read, first=job.fence == 1)
        self._number += 1
        heapq.heappush(self._under_way, (read.ended, self._number, Running(job, read)))

    def _read(self, job: Job, profile: UUID, begin: float) -> Read:
        """The course of the attempt: from its beginning to its end or to a wait."""
        if job.kind not in SESSION_KINDS:
            return Read(begin + self._costs.derive, 0, None)
        of, budget = self._fleet[profile], self._budgets.setdefault(profile, BudgetModel())
        left = self._left.get(job.id) or job_requests(job.kind, of, self._guess, self._rng)
        room = max(budget.left(begin, self._limits.per_day) - of.kept - OPENING, 0)
        optional = min(left.optional, room)
        if job.kind in LAST and not optional:
            return Read(begin + self._costs.derive, 0, None)
        kept = 0 if job.kind in ALWAYS else of.kept if job.kind in LAST else of.plan.steady
        read = budget.read(begin, OPENING + left.wanted + optional, self._limits, kept, self._rng.random)
        self._remember(job.id, left, optional, read)
        return read._replace(ended=read.ended + self._costs.opening)

    def _remember(self, job: UUID, left: JobRequests, optional: int, read: Read) -> None:
        """Remembers the requests that are left: a page that was read is not read again; the opening is repeated."""
        done = max(read.requests - OPENING, 0)
        if read.until is None:
            self._left.pop(job, None)
        else:
            wanted = max(left.wanted - done, 0)
            self._left[job] = JobRequests(wanted, optional - max(done - left.wanted, 0))

    async def _settle(self, at: float) -> None:
        over: list[Running] = []
        while self._under_way and self._under_way[0][0] <= at:
            over.append(heapq.heappop(self._under_way)[2])
        follow_ups: list[tuple[UUID, UUID, str, int, Any]] = []
        async with self._conn.transaction(), self._conn.cursor() as cursor:
            await cursor.executemany(claims.SETTLE, [self._given(one) for one in over])
            for one in over:
                follow_ups += self._after(one, at)
                await self._cool_down(one)
            await cursor.executemany(_FOLLOW_UP, follow_ups)

    def _given(self, one: Running) -> dict[str, Any]:
        decision = self._decision(one.read)
        self.tally.ended[decision.outcome] += 1
        return {
            "id": one.job.id,
            "fence": one.job.fence,
            "state": decision.state,
            "again": decision.state is JobState.WAITING,
            "outcome": decision.outcome,
            "after": decision.after,
            "until": decision.until,
            "counts": decision.counts,
            "error_code": decision.error_code,
            "error_params": Jsonb(decision.error_params),
            "rate_limited": decision.rate_limited,
            "progress": None,
        }

    def _decision(self, read: Read) -> Decision:
        if read.until is None:
            return backoff.COMPLETED
        until = self._clock.at(read.until)
        return Decision(state=JobState.WAITING, outcome=Outcome.WAITING, until=until, error_code="budget_spent")

    def _after(self, one: Running, at: float) -> list[tuple[UUID, UUID, str, int, Any]]:
        """Frees the lane, and enqueues the follow-up jobs of a finished one."""
        profile = one.job.profile_id
        assert profile is not None
        if self._lanes.get(profile) == one.job.id:
            del self._lanes[profile]
        if one.read.until is not None:
            return []
        found = follow_ups(one.job.kind, self._fleet[profile], self._guess)
        due = self._clock.at(at)
        return [
            (one.job.user_id, profile, kind, SCHEDULED_PRIORITY if kind in LAST else INTERACTIVE_PRIORITY, due)
            for kind in found
        ]

    async def _cool_down(self, one: Running) -> None:
        """Makes the whole profile wait when the day itself is spent, and not only the reserved part."""
        if one.read.until is None or not one.read.day_over or one.job.kind not in ALWAYS:
            return
        profile = one.job.profile_id
        assert profile is not None
        # The fleet's connections have the ids of their profiles.
        cooldown = Cooldown("budget_spent", timedelta(0), objected=False)
        await claims.start_cooldown(self._conn, one.job.user_id, profile, cooldown, self._clock.at(one.read.until))
        heapq.heappush(self._cooldowns, (one.read.until, profile))

    def _ended_cooldowns(self, at: float) -> list[UUID]:
        over = []
        while self._cooldowns and self._cooldowns[0][0] <= at:
            over.append(heapq.heappop(self._cooldowns)[1])
        return over
