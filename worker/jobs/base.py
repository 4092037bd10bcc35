"""What a handler is given. The implementation is `worker.context`; tests of handlers may use the real one only."""

from asyncio import Future
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from structlog.stdlib import BoundLogger

from shared.db.pools import WorkerConnection
from shared.domain.jobs import InputRequest, JobKind

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """The claimed row, as it was at the claim. `sealed` is opened by the handler that needs it, and by nobody else."""

    id: UUID
    user_id: UUID
    profile_id: UUID | None
    kind: JobKind
    fence: int
    attempt: int
    args: Mapping[str, Any]
    cursor: Mapping[str, Any] | None
    sealed: bytes | None
    request_id: str | None = None
    connection_id: UUID | None = None

    def __repr__(self) -> str:
        return f"Job({self.kind} {self.id} fence={self.fence})"


class JobContext(Protocol):
    """One claimed job. Everything that a job writes goes through `transaction`, which carries the fence."""

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
        """Raises Cancelled, Draining or LeaseLost if the loop wants this job to stop; call it between pages."""
        ...

    async def ask(self, request: InputRequest, timeout: timedelta) -> bytes:
        """Puts the job into NEEDS_INPUT and returns the sealed answer; raises NobodyAnswered after `timeout`."""
        ...

    async def ask_unless(self, request: InputRequest, timeout: timedelta, moved: Future[None]) -> bytes | None:
        """As `ask`; None once `moved` is done before an answer came: the page needs none any more."""
        ...

    async def enqueue(self, kind: JobKind, *, profile_id: UUID, priority: int = 100) -> UUID:
        """Enqueues follow-up work for the same user inside a fenced transaction of its own; idempotent."""
        ...


Handler = Callable[[JobContext], Awaitable[None]]
