"""Connecting from the command line: one LOGIN job, begun and worked on by this process instead of the worker."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from cli.local_job import ServicesOf, find_account, work_through, worker_name
from shared.domain.input.cookie_file import SiteCookie
from shared.errors import InputError
from shared.platforms.instagram import INSTAGRAM
from shared.settings import Settings
from shared.store.profiles import profiles
from shared.store.queue import local_jobs
from shared.store.queue.claims import Job
from worker import bootstrap
from worker.jobs.base import JobContext
from worker.jobs.connect.cookies import CookieLogin
from worker.jobs.connect.credentials import CookieCredentials
from worker.jobs.connect.flow import begin, establish
from worker.jobs.connect.manual import ManualLogin
from worker.services import Pool, Services

_COOLDOWN = "Its settings say why and until when, and let you end the cool-down."
PATIENCE = timedelta(minutes=15)


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
        claimed = await _claim(services.pool, settings, request)
        handler = partial(_connect, services=services, request=request)
        await work_through(services, claimed, handler, "The account was not connected.", stop)


async def _claim(pool: Pool, settings: Settings, request: ConnectRequest) -> Job:
    async with pool.connection() as conn:
        user_id = await find_account(conn, request.email)
        profile_id = await local_jobs.ensure_profile(conn, user_id, INSTAGRAM.name, request.username, request.timezone)
        profile = await profiles.load(conn, user_id, profile_id)
        if profile is not None and profile.cooldown_until and profile.cooldown_until > datetime.now(UTC):
            raise InputError(f"@{request.username} is in a cool-down, which Instagram caused.", next_step=_COOLDOWN)
        claimed = await local_jobs.begin(conn, profile_id, worker_name("connect"), settings.worker_lease)
    if claimed is None:
        raise InputError(
            f"Rollcall is working on @{request.username} right now.",
            next_step="Wait until that is done, or cancel it on its page, then run the command again.",
        )
    return claimed


async def _connect(ctx: JobContext, services: Services, request: ConnectRequest) -> None:
    ctx.progress("login", 0, None)
    connection = await begin(ctx, services)
    if request.cookies is not None:
        cookies = [cookie.to_json() for cookie in request.cookies]
        entered = CookieCredentials(request.username, cookies)
        await establish(connection, CookieLogin(entered, connection.login.device_cookies))
    else:
        await establish(connection, ManualLogin(connection, request.username, request.patience))
