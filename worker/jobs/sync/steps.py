"""Steps of a larger job: each has a cursor of its own and runs the same alone or within SYNC."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from structlog.stdlib import BoundLogger

from shared.db.pools import WorkerConnection
from shared.domain.jobs import InputRequest, JobKind
from shared.errors import NotConnected
from shared.store.profiles import connections, profiles
from shared.store.profiles.profiles import ProfileRow
from shared.store.queue.claims import Job
from worker.jobs.base import JobContext, JsonObject
from worker.jobs.connect.connection import as_named


async def profile_of(ctx: JobContext) -> ProfileRow:
    """The job's profile as it is now and as its connection names it; raises NotConnected if it is gone."""
    if ctx.job.profile_id is None:
        raise NotConnected
    async with ctx.reading() as conn:
        profile = await profiles.load(conn, ctx.job.user_id, ctx.job.profile_id)
        account_id = await connections.account_id_of(conn, ctx.job.user_id, ctx.job.connection_id)
    if profile is None:
        raise NotConnected
    return as_named(profile, account_id)


class StepContext(JobContext):
    """The context of one named step. It stores its cursor as `{"done": [...], "name": name, "step": cursor}`.

    `left` holds the cursors of postponed steps; they are stored with it as `{"left": {name: cursor}}`.
    """

    job: Job
    log: BoundLogger

    def __init__(
        self,
        whole: JobContext,
        name: str,
        done: frozenset[str],
        cursor: Mapping[str, Any] | None,
        left: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.whole, self.name, self.done, self.cursor, self.left = whole, name, done, cursor, left
        self.job = replace(whole.job, cursor=cursor)
        self.log = whole.log.bind(step=name)

    def transaction(self) -> AbstractAsyncContextManager[WorkerConnection]:
        return self.whole.transaction()

    def reading(self) -> AbstractAsyncContextManager[WorkerConnection]:
        return self.whole.reading()

    async def save_cursor(self, conn: WorkerConnection, cursor: JsonObject | None, items: int = 0) -> None:
        await self.whole.save_cursor(conn, _outer(self.done, self.left, self.name, cursor), items)
        self.cursor = cursor

    def progress(self, step: str, done: int, total: int | None) -> None:
        self.whole.progress(step, done, total)

    def check(self) -> None:
        self.whole.check()

    async def ask(self, request: InputRequest, timeout: timedelta) -> bytes:
        return await self.whole.ask(request, timeout)

    async def ask_unless(self, request: InputRequest, timeout: timedelta, moved: Future[None]) -> bytes | None:
        return await self.whole.ask_unless(request, timeout, moved)

    async def enqueue(
        self, kind: JobKind, *, profile_id: UUID, priority: int = 100, args: JsonObject | None = None
    ) -> UUID:
        return await self.whole.enqueue(kind, profile_id=profile_id, priority=priority, args=args)


class Steps:
    """The finished steps of a job, kept in its cursor, so that a retry or another worker continues after them."""

    def __init__(self, ctx: JobContext) -> None:
        self.ctx = ctx
        saved = ctx.job.cursor or {}
        self.done: frozenset[str] = frozenset(saved.get("done", ()))
        self._cursors: dict[str, Mapping[str, Any]] = dict(saved.get("left", {}))
        if saved.get("name") and saved.get("step"):
            self._cursors[saved["name"]] = saved["step"]

    def context(self, name: str) -> StepContext:
        """The context for a step; it finds only the cursor that it stored itself."""
        others = {other: cursor for other, cursor in self._cursors.items() if other != name}
        return StepContext(self.ctx, name, self.done, self._cursors.get(name), others)

    async def finish(self, name: str) -> None:
        """Records that a step is done; raises LeaseLost as every fenced write does."""
        self.done |= {name}
        self._cursors.pop(name, None)
        async with self.ctx.transaction() as conn:
            await self.ctx.save_cursor(conn, _outer(self.done, self._cursors))

    def leave(self, step: StepContext) -> None:
        """Continues without a step; its cursor is written again with each later step, so that none loses it."""
        self._cursors.pop(step.name, None)
        if step.cursor is not None:
            self._cursors[step.name] = step.cursor


def _outer(
    done: frozenset[str],
    left: Mapping[str, Mapping[str, Any]],
    name: str | None = None,
    cursor: Mapping[str, Any] | None = None,
) -> JsonObject:
    outer: JsonObject = {"done": sorted(done), "name": name, "step": cursor}
    return outer | {"left": dict(left)} if left else outer
