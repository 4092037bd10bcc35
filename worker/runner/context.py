"""One claimed job in this process: its fence, its beat, its progress, and signals from outside."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool
from structlog.stdlib import BoundLogger

from shared import logs
from shared.db.pools import WorkerConnection
from shared.domain.jobs import INTERACTIVE_PRIORITY, InputRequest, JobKind
from shared.errors import Cancelled, Interrupted, LeaseLost, NobodyAnswered
from shared.store.queue import claims, jobs
from shared.store.queue.claims import Job
from worker.jobs.base import JsonObject
from worker.periodic.task import fault_of

# The delay until the page shows progress; the lease alone would need a beat every third of it.
_PROGRESS_EVERY = timedelta(seconds=1)


class Context:
    """`worker.jobs.base.JobContext` over the queue's table."""

    def __init__(
        self, job: Job, pool: AsyncConnectionPool[WorkerConnection], *, lease: timedelta, poll: timedelta
    ) -> None:
        self.job = job
        self.log: BoundLogger = logs.get("worker.job")
        self.stopped: Interrupted | None = None
        self.on_stop: Callable[[Interrupted], None] | None = None
        self._pool = pool
        self._lease = lease
        self._poll = poll
        self._confirmed = monotonic()
        self._holding = 0
        self._progress: JsonObject | None = None
        self._unwritten = False
        self._notified = asyncio.Event()
        self._answered = asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[WorkerConnection]:
        """A transaction that begins with the fence; raises LeaseLost when the job is no longer ours."""
        if isinstance(self.stopped, LeaseLost):
            raise LeaseLost
        async with self._pool.connection() as conn:
            began = await self._prove(conn)
            self._holding += 1
            try:
                yield conn
                if monotonic() - began > self._lease.total_seconds() / 3:
                    await self._prove(conn)
            finally:
                self._holding -= 1

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[WorkerConnection]:
        """A short transaction that cannot write."""
        async with self._pool.connection() as conn:
            await conn.execute("set transaction read only")
            yield conn

    async def save_cursor(self, conn: WorkerConnection, cursor: JsonObject | None, items: int = 0) -> None:
        """Stores the resume point in the caller's transaction; `items` > 0 counts processed items."""
        if not await claims.save_cursor(conn, self.job.id, self.job.fence, cursor, items):
            raise self._lost()

    def progress(self, step: str, done: int, total: int | None) -> None:
        """Remembers the progress; the next beat writes it."""
        progress: JsonObject = {"step": step, "done": done, "total": total}
        self._unwritten = self._unwritten or progress != self._progress
        self._progress = progress

    def check(self) -> None:
        """Raises Cancelled, Draining or LeaseLost when the job has to stop."""
        self._notice_silence()
        if self.stopped is not None:
            raise self.stopped

    async def ask(self, request: InputRequest, timeout: timedelta) -> bytes:
        """The person's sealed answer; raises NobodyAnswered after `timeout`, and what `check` raises."""
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        answer = await self.ask_unless(request, timeout, never)
        if answer is None:
            raise NobodyAnswered
        return answer

    async def ask_unless(self, request: InputRequest, timeout: timedelta, moved: asyncio.Future[None]) -> bytes | None:
        """As `ask`; but None, the job RUNNING again and the question gone, if `moved` is done before an answer comes.

        `moved` is watched, never awaited nor cancelled: its errors are for its owner.
        """
        async with self._pool.connection() as conn:
            if not await claims.ask(conn, self.job.id, self.job.fence, request):
                raise self._lost()
        self.log.info("job_asks", method=request.method, again=request.error is not None)
        moved.add_done_callback(self._wake)
        try:
            return await self._waited(timeout, moved)
        finally:
            moved.remove_done_callback(self._wake)

    async def _waited(self, timeout: timedelta, moved: asyncio.Future[None]) -> bytes | None:
        deadline = monotonic() + timeout.total_seconds()
        left = timeout.total_seconds()
        while (answer := await self._answer(give_up=left <= 0)) is None:
            self.check()
            if moved.done():
                await self._unasked()
                return None
            if left <= 0:
                raise NobodyAnswered
            await _until(self._answered, min(self._poll.total_seconds(), left))
            left = deadline - monotonic()
        self.log.info("job_answered")
        return answer

    async def _unasked(self) -> None:
        async with self._pool.connection() as conn:
            if not await claims.stop_asking(conn, self.job.id, self.job.fence):
                raise self._lost()
        self.log.info("job_needs_no_answer")

    def _wake(self, _: object) -> None:
        self._answered.set()

    async def enqueue(
        self,
        kind: JobKind,
        *,
        profile_id: UUID,
        priority: int = INTERACTIVE_PRIORITY,
        args: JsonObject | None = None,
    ) -> UUID:
        """The live job of this kind for the profile, made if there was none."""
        async with self.transaction() as conn:
            job_id, made = await jobs.enqueue_follow_up(
                conn, self.job.user_id, profile_id, kind, args=args, priority=priority, request_id=self.job.request_id
            )
        self.log.info("job_enqueued", enqueued_kind=kind, enqueued_id=str(job_id), made=made)
        return job_id

    def tell(self) -> None:
        """Wakes this job after a message for it."""
        self._notified.set()
        self._answered.set()

    def stop(self, reason: Interrupted) -> None:
        """Asks the handler to stop; losing the lease overrides any other reason."""
        if self.stopped is not None and not isinstance(reason, LeaseLost):
            return
        first = not isinstance(self.stopped, LeaseLost)
        self.stopped = reason
        self._answered.set()
        if first and self.on_stop is not None:
            self.on_stop(reason)

    async def beats(self) -> None:
        """Extends the lease and writes progress until it is cancelled; a lost database is noticed, not raised."""
        while not isinstance(self.stopped, LeaseLost):
            progress = await _until(self._notified, min(_PROGRESS_EVERY, self._lease / 3).total_seconds())
            if progress or self._unwritten or monotonic() - self._confirmed >= self._lease.total_seconds() / 3:
                await self._beat()
            self._notice_silence()

    def last_progress(self) -> JsonObject | None:
        """The progress that no beat has written yet, for the end of the job."""
        return self._progress if self._unwritten else None

    async def _beat(self) -> None:
        began, written = monotonic(), self._progress
        cancelled: bool | None = None

        async def beat() -> None:
            nonlocal cancelled
            async with self._pool.connection() as conn:
                cancelled = await claims.beat(conn, self.job.id, self.job.fence, self._lease, written)

        if (fault := await fault_of(beat)) is not None:
            self._beat_failed(fault)
            return
        if cancelled is None:
            self.stop(LeaseLost())
            return
        self._confirmed = max(self._confirmed, began)
        self._unwritten = self._progress is not written
        if cancelled:
            self.stop(Cancelled())

    def _beat_failed(self, fault: Exception) -> None:
        """Handles a failed beat: an unreachable database is tried again; progress that cannot be stored is dropped."""
        self.log.warning("beat_failed", error=type(fault).__name__)
        if not isinstance(fault, psycopg.OperationalError):
            self._progress, self._unwritten = None, False

    async def _prove(self, conn: WorkerConnection) -> float:
        began = monotonic()
        if not await claims.prove(conn, self.job.id, self.job.fence, self._lease):
            raise self._lost()
        self._confirmed = max(self._confirmed, began)
        return began

    async def _answer(self, *, give_up: bool) -> bytes | None:
        self._answered.clear()
        try:
            async with self._pool.connection() as conn:
                return await claims.take_answer(conn, self.job.id, self.job.fence, give_up=give_up)
        except psycopg.OperationalError as error:
            self.log.warning("answer_not_read", error=type(error).__name__)
            return None

    def _notice_silence(self) -> None:
        # The row lock of an open fenced transaction keeps all others away.
        if not self._holding and monotonic() - self._confirmed > self._lease.total_seconds():
            self.stop(LeaseLost())

    def _lost(self) -> LeaseLost:
        self.stop(LeaseLost())
        return LeaseLost()


async def _until(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came within `seconds`; clears it."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    event.clear()
    return True
