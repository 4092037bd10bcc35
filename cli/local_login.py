"""Connecting from the command line: one LOGIN job, begun and worked on by this process instead of the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cli import local_job
from shared.domain.input.cookie_file import SiteCookie
from shared.domain.jobs import JobState
from shared.errors import Cancelled, InputError
from shared.settings import Settings
from shared.store.profiles import profiles
from shared.store.queue import local_jobs
from shared.store.queue.claims import Job
from worker import bootstrap
from worker.jobs.base import JobContext
from worker.jobs.connect import login
from worker.jobs.connect.credentials import CookieLogin
from worker.jobs.connect.flow import Way, load
from worker.jobs.connect.flow import connect as connect_by
from worker.jobs.connect.manual_window import Window
from worker.runner.context import Context
from worker.services import Pool, Services

_COOLDOWN = "Its settings say why and until when, and let you end the cool-down."
PATIENCE = timedelta(minutes=15)
ServicesOf = Callable[[Settings, int], AbstractAsyncContextManager[Services]]


@dataclass(frozen=True, slots=True)
class ConnectRequest:
    """What is to be connected, for whom and how: by cookies where there are some, else by hand in a window."""

    username: str
    email: str | None = None
    cookies: tuple[SiteCookie, ...] | None = field(default=None, repr=False)
    timezone: str = "UTC"
    patience: timedelta = PATIENCE


async def connect_account(
    settings: Settings, request: ConnectRequest, stop: asyncio.Event, services_of: ServicesOf = bootstrap.services
) -> None:
    """Ends with the account connected as the form connects it; raises InputError with the reason when it is not.

    `stop` cancels the job. Other parts may be passed in, as to `worker.main.serve`.
    """
    async with services_of(settings, 1) as services:
        job = await _begun(services.pool, settings, request)
        ctx = local_job.context(job, services.pool, settings)
        stopping = asyncio.create_task(_stopped(ctx, stop))

        async def work(ctx: JobContext) -> None:
            await _work(ctx, services, request)

        try:
            state, said = await local_job.run(ctx, work, services.pool, settings)
        finally:
            stopping.cancel()
    if state != JobState.COMPLETED:
        raise InputError(said or ("Cancelled." if state == JobState.CANCELLED else "The account was not connected."))


async def _begun(pool: Pool, settings: Settings, request: ConnectRequest) -> Job:
    async with pool.connection() as conn:
        user_id = await local_job.account(conn, request.email)
        profile_id = await local_jobs.ensure_profile(conn, user_id, request.username, request.timezone)
        profile = await profiles.load(conn, user_id, profile_id)
        if profile is not None and profile.cooldown_until and profile.cooldown_until > datetime.now(UTC):
            raise InputError(f"@{request.username} is in a cool-down, which Instagram caused.", next_step=_COOLDOWN)
        job = await local_jobs.begin(conn, profile_id, local_job.worker_name("connect"), settings.worker_lease)
    if job is None:
        raise InputError(
            f"Rollcall is working on @{request.username} right now.",
            next_step="Wait until that is done, or cancel it on its page, then run the command again.",
        )
    return job


async def _work(ctx: JobContext, services: Services, request: ConnectRequest) -> None:
    ctx.progress("login", 0, None)
    rows = await load(ctx, services)
    if request.cookies is not None:
        cookies = [cookie.to_json() for cookie in request.cookies]
        await login.by_cookies(ctx, services, rows, CookieLogin(request.username, cookies))
    else:
        window = Window(ctx, services, request.username, rows.device, request.patience)
        await connect_by(ctx, services, rows, Way(request.username, rows.device, window.enter), services.browser)


async def _stopped(ctx: Context, stop: asyncio.Event) -> None:
    await stop.wait()
    ctx.stop(Cancelled())
