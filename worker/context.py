"""One claimed job in this process: its fence, its beat, its progress, and what others have to say to it."""

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
from shared.store import jobs, queue
from worker.beside import fault_of
from worker.jobs.base import Job, JsonObject

# How soon the page shows progress; the lease alone would need a beat every third of it.
_PROGRESS_EVERY = timedelta(seconds=1)


def job_of(claimed: queue.Claimed) -> Job:
    """The claimed row as handlers see it."""
    return Job(
        id=claimed.id,
        user_id=claimed.user_id,
        profile_id=claimed.profile_id,
        kind=claimed.kind,
        fence=claimed.fence,
        attempt=claimed.attempt,
        args=claimed.args,
        cursor=claimed.cursor,
        sealed=claimed.sealed,
        request_id=claimed.request_id,
        connection_id=claimed.connection_id,
    )


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
        self._told = asyncio.Event()
        self._answered = asyncio.Event()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[WorkerConnection]:
        """A transaction that begins with the fence; raises LeaseLost when the job is not ours any more."""
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
        """Stores the resume point in the caller's transaction; `items` > 0 says that a page got through."""
        if not await queue.save_cursor(conn, self.job.id, self.job.fence, cursor, items):
            raise self._lost()

    def progress(self, step: str, done: int, total: int | None) -> None:
        """Remembers how far the job is; the next beat writes it."""
        told: JsonObject = {"step": step, "done": done, "total": total}
        self._unwritten = self._unwritten or told != self._progress
        self._progress = told

    def check(self) -> None:
        """Raises Cancelled, Draining or LeaseLost when the job is to stop."""
        self._notice_silence()
        if self.stopped is not None:
            raise self.stopped

    async def ask(self, request: InputRequest, timeout: timedelta) -> bytes:
        """The sealed answer of the person; raises NobodyAnswered after `timeout`, and what `check` raises."""
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        answer = await self.ask_unless(request, timeout, never)
        if answer is None:
            raise NobodyAnswered
        return answer

    async def ask_unless(self, request: InputRequest, timeout: timedelta, moved: asyncio.Future[None]) -> bytes | None:
        """As `ask`; but None, the job RUNNING again and the question gone, once `moved` is done before an answer came.

        `moved` is watched, never awaited nor cancelled: what it raises is for its owner.
        """
        async with self._pool.connection() as conn:
            if not await queue.ask(conn, self.job.id, self.job.fence, request):
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
            if not await queue.stop_asking(conn, self.job.id, self.job.fence):
                raise self._lost()
        self.log.info("job_needs_no_answer")

    def _wake(self, _: object) -> None:
        self._answered.set()

    async def enqueue(self, kind: JobKind, *, profile_id: UUID, priority: int = INTERACTIVE_PRIORITY) -> UUID:
        """The live job of this kind for the profile, made if there was none."""
        async with self.transaction() as conn:
            job_id, made = await jobs.enqueue_follow_up(
                conn, self.job.user_id, profile_id, kind, priority=priority, request_id=self.job.request_id
            )
        self.log.info("job_enqueued", enqueued_kind=kind, enqueued_id=str(job_id), made=made)
        return job_id

    def tell(self) -> None:
        """Somebody said something to this job: look at once."""
        self._told.set()
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
        """Keeps the lease and writes progress until it is cancelled; a lost database is noticed, not raised."""
        while not isinstance(self.stopped, LeaseLost):
            told = await _until(self._told, min(_PROGRESS_EVERY, self._lease / 3).total_seconds())
            if told or self._unwritten or monotonic() - self._confirmed >= self._lease.total_seconds() / 3:
                await self._beat()
            self._notice_silence()

    def last_progress(self) -> JsonObject | None:
        """What no beat has written yet, for whoever ends the job."""
        return self._progress if self._unwritten else None

    async def _beat(self) -> None:
        began, written = monotonic(), self._progress
        cancelled: bool | None = None

        async def beat() -> None:
            nonlocal cancelled
            async with self._pool.connection() as conn:
                cancelled = await queue.beat(conn, self.job.id, self.job.fence, self._lease, written)

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
        """A database that is away is asked again. What it cannot store is let go, or no beat would ever get through."""
        self.log.warning("beat_failed", error=type(fault).__name__)
        if not isinstance(fault, psycopg.OperationalError):
            self._progress, self._unwritten = None, False

    async def _prove(self, conn: WorkerConnection) -> float:
        began = monotonic()
        if not await queue.prove(conn, self.job.id, self.job.fence, self._lease):
            raise self._lost()
        self._confirmed = max(self._confirmed, began)
        return began

    async def _answer(self, *, give_up: bool) -> bytes | None:
        self._answered.clear()
        try:
            async with self._pool.connection() as conn:
                return await queue.take_answer(conn, self.job.id, self.job.fence, give_up=give_up)
        except psycopg.OperationalError as error:
            self.log.warning("answer_not_read", error=type(error).__name__)
            return None

    def _notice_silence(self) -> None:
        # While a fenced transaction is open its row lock keeps everybody else away.
        if not self._holding and monotonic() - self._confirmed > self._lease.total_seconds():
            self.stop(LeaseLost())

    def _lost(self) -> LeaseLost:
        self.stop(LeaseLost())
        return LeaseLost()


async def _until(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event came before so many seconds were over; it is taken back."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    event.clear()
    return True
