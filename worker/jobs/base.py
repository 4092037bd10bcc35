"""The interface that a handler receives. `worker.runner.context` implements it, and tests use only that."""

from asyncio import Future
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from structlog.stdlib import BoundLogger

from shared.db.pools import WorkerConnection
from shared.domain.jobs import InputRequest, JobKind
from shared.store.queue.claims import Job

JsonObject = dict[str, Any]


class JobContext(Protocol):
    """One claimed job. All writes of a job go through `transaction`, which carries the fence."""

    job: Job
    log: BoundLogger

    def transaction(self) -> AbstractAsyncContextManager[WorkerConnection]:
        """A transaction whose first statement proves the fence; raises LeaseLost if it is no longer ours.

        Never keep it open over a browser or network call (R-6).
        """
        ...

    def reading(self) -> AbstractAsyncContextManager[WorkerConnection]:
        """A short transaction for reading only."""
        ...

    async def save_cursor(self, conn: WorkerConnection, cursor: JsonObject | None, items: int = 0) -> None:
        """Stores the resume point inside the caller's transaction; items > 0 resets the failure count."""
        ...

    def progress(self, step: str, done: int, total: int | None) -> None:
        """Remembers progress; the next beat writes it (`{"step","done","total","step_started_at"}`)."""
        ...

    def check(self) -> None:
        """Raises Cancelled, Draining or LeaseLost if this job has to stop; call it between pages."""
        ...

    async def ask(self, request: InputRequest, timeout: timedelta) -> bytes:
        """Puts the job into NEEDS_INPUT and returns the sealed answer; raises NobodyAnswered after `timeout`."""
        ...

    async def ask_unless(self, request: InputRequest, timeout: timedelta, moved: Future[None]) -> bytes | None:
        """As `ask`; None if `moved` is done before an answer comes, because the page needs none any more."""
        ...

    async def enqueue(
        self, kind: JobKind, *, profile_id: UUID, priority: int = 100, args: JsonObject | None = None
    ) -> UUID:
        """Enqueues follow-up work for the same user inside a fenced transaction of its own; idempotent."""
        ...


Handler = Callable[[JobContext], Awaitable[None]]
