"""The worker's loop: claims due jobs, runs them, drains at the end. Only the database survives it."""

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from os import getpid
from random import uniform
from secrets import token_hex
from socket import gethostname
from time import monotonic

import psycopg
import structlog

from shared import logs
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobKind, JobState
from shared.errors import Draining
from shared.settings import Settings
from shared.store.queue import claims
from worker.jobs.base import Handler
from worker.periodic import schedule
from worker.periodic.task import fault_of, tell
from worker.runner import notifications, schema_wait
from worker.runner.attempt import Rules, attempt
from worker.runner.cancellation import cancel_and_wait
from worker.runner.context import Context
from worker.services import Pool
from worker.telemetry.measures import Measures, Unmeasured

# The interval at which `rollcall.due_priorities` reads its floors again while many jobs are claimed.
_SURVEY_EVERY = 0.25
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_NAME = "queue"
# One claim follows jobs that end together.
_BREATH = 0.001
_EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
_PRIORITY = re.compile("[0-9]{1,4}", re.ASCII)
_log = logs.get("worker.runner.loop")


class Worker:
    """Runs up to `concurrency` jobs at a time; `control` is a pool of autocommit connections for the queue itself."""

    def __init__(
        self,
        settings: Settings,
        url: str,
        pool: Pool,
        control: Pool,
        handlers: Mapping[JobKind, Handler],
        concurrency: int | None = None,
        measures: Measures | None = None,
    ) -> None:
        self.name = f"{gethostname()}:{getpid()}:{token_hex(3)}"
        self._settings = settings
        self._url = url
        self._pool = pool
        self._control = control
        self._handlers = handlers
        self._concurrency = concurrency or settings.worker_concurrency
        self._rules = Rules(
            RetryPolicy(settings.retry_base, settings.retry_cap, settings.rate_limit_rest), settings.worker_drain
        )
        self._measures: Measures = measures or Unmeasured()
        self._running: dict[str, Context] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._floors: dict[int, datetime] = {}
        self._full_look_at = self._survey_at = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then drains and returns; waits for a lost or an older database."""
        if not await schema_wait.wait_for_schema(self._control, stop):
            return
        _log.info("worker_started", worker=self.name, concurrency=self._concurrency)
        background = [asyncio.create_task(notifications.listen(self._url, self._heard, self._measures))]
        if self._settings.scheduler:
            background.append(asyncio.create_task(schedule.run(self._pool, self._measures)))
        stopping = asyncio.create_task(self._wake_at(stop))
        try:
            await self._claim_until(stop)
            await self._drain()
        finally:
            await cancel_and_wait([*background, stopping, *self._tasks])
        _log.info("worker_stopped", worker=self.name)

    async def _claim_until(self, stop: asyncio.Event) -> None:
        pause = _FIRST_PAUSE
        self._measures.loop_began(_NAME)
        while not stop.is_set():
            self._wake.clear()
            fault = await fault_of(self._fill)
            self._measures.record_turn(_NAME, failed=fault is not None)
            if fault is None:
                pause = _FIRST_PAUSE
                await self._pause(self._until_next_look())
                continue
            if isinstance(fault, psycopg.OperationalError):
                _log.warning("database_unreachable", error=type(fault).__name__, again_in=pause)
            else:
                tell(_NAME, fault)
            await self._pause(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _until_next_look(self) -> float:
        """Seconds until the next possible job. With every slot taken, only the end of a job can make room before."""
        if len(self._running) >= self._concurrency:
            return self._settings.worker_poll.total_seconds()
        return max(0.0, self._full_look_at - monotonic())

    async def _fill(self) -> None:
        """Claims for the free slots."""
        if self._running:
            await asyncio.sleep(_BREATH)
        if (free := self._concurrency - len(self._running)) > 0:
            for claimed in await self._claim(free):
                self._start(claimed)

    async def _claim(self, free: int) -> list[claims.Job]:
        """Claims from the floors on, and once a poll among everything; then looks up again where the floors are."""
        lease, kinds, now = self._settings.worker_lease, self._handlers.keys(), monotonic()
        floors = None if now >= self._full_look_at else self._floors
        if floors == {}:
            return []
        async with self._control.connection() as conn:
            found = await claims.claim(conn, self.name, lease, kinds, free, floors)
            if floors is None or now >= self._survey_at:
                self._floors |= await claims.levels(conn, floors)
                self._survey_at = monotonic() + _SURVEY_EVERY
            if floors is None:
                poll = self._settings.worker_poll.total_seconds()
                self._full_look_at = monotonic() + poll * uniform(0.8, 1)  # noqa: S311
            return found

    def _start(self, claimed: claims.Job) -> None:
        settings = self._settings
        ctx = Context(claimed, self._pool, lease=settings.worker_lease, poll=settings.worker_poll)
        self._running[str(claimed.id)] = ctx
        task = asyncio.create_task(self._attempt(ctx))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attempt(self, ctx: Context) -> None:
        job = ctx.job
        structlog.contextvars.bind_contextvars(
            job_id=str(job.id),
            user_id=str(job.user_id),
            profile_id=str(job.profile_id),
            kind=job.kind,
            fence=job.fence,
            **({"request_id": job.request_id} if job.request_id else {}),
        )
        ctx.log.info("job_claimed", failures=job.attempt, resumed=job.cursor is not None)
        self._measures.record_claim(job.kind)
        began = monotonic()
        settled: claims.Settled | None = None

        async def work() -> None:
            nonlocal settled
            settled = await attempt(ctx, self._handlers[job.kind], self._rules, self._control)

        try:
            if (fault := await fault_of(work)) is not None:
                # Its lease runs out, and another worker takes it over.
                ctx.log.error("job_not_settled", exc_info=fault)
        finally:
            self._measures.record_end(job.kind, settled, monotonic() - began)
            del self._running[str(job.id)]
            self._wake.set()
        if settled is not None and settled.state is JobState.WAITING:
            self._wake_in(settled.run_at - datetime.now(UTC))

    async def _drain(self) -> None:
        if not self._tasks:
            return
        _log.info("worker_draining", worker=self.name, jobs=len(self._tasks))
        for ctx in list(self._running.values()):
            ctx.stop(Draining())
        # Cancelled handlers still close what they opened, and their jobs are put back.
        await asyncio.wait(self._tasks)

    def _heard(self, payload: str) -> None:
        """Handles a payload: a priority names new work, a job's id a message for it, an empty one a full scan."""
        if payload in self._running:
            self._running[payload].tell()
        elif _PRIORITY.fullmatch(payload):
            self._floors.setdefault(int(payload), _EARLIEST)
            self._wake.set()
        elif not payload:
            self._full_look_at = 0.0
            self._wake.set()

    def _wake_in(self, delay: timedelta) -> None:
        # Only a convenience: polling finds the job, too.
        if delay <= self._settings.worker_poll:
            asyncio.get_running_loop().call_later(max(0.0, delay.total_seconds()) + 0.02, self._wake.set)

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
