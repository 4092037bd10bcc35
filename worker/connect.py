"""Connecting from the command line: one LOGIN job, begun and worked on by this process instead of the worker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from os import getpid
from socket import gethostname

from shared.domain.backoff import RetryPolicy
from shared.domain.cookie_file import SiteCookie
from shared.domain.jobs import JobState
from shared.errors import Cancelled, InputError
from shared.settings import Settings
from shared.store import logins, profiles
from shared.store.queue import Claimed
from worker import bootstrap
from worker.attempt import Rules, attempt
from worker.context import Context, job_of
from worker.jobs import login
from worker.jobs.base import JobContext
from worker.jobs.connecting import Way, load
from worker.jobs.connecting import connect as connect_by
from worker.jobs.entered import CookieLogin
from worker.jobs.window import Window
from worker.services import Pool, Services

_RESTS = "Its settings say why and until when, and let you end the cool-down."
PATIENCE = timedelta(minutes=15)
ServicesOf = Callable[[Settings, int], AbstractAsyncContextManager[Services]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be connected, for whom and how: by cookies where there are some, else by hand in a window."""

    username: str
    email: str | None = None
    cookies: tuple[SiteCookie, ...] | None = field(default=None, repr=False)
    timezone: str = "UTC"
    patience: timedelta = PATIENCE


async def connect_account(
    settings: Settings, wish: Wish, stop: asyncio.Event, services_of: ServicesOf = bootstrap.services
) -> None:
    """Ends with the account connected as the form connects it; raises InputError with the reason when it is not.

    `stop` cancels the job. Other parts may be passed in, as to `worker.main.serve`.
    """
    async with services_of(settings, 1) as services:
        claimed = await _begun(services.pool, settings, wish)
        ctx = Context(job_of(claimed), services.pool, lease=settings.worker_lease, poll=settings.worker_poll)
        stopping = asyncio.create_task(_stopped(ctx, stop))

        async def work(ctx: JobContext) -> None:
            await _work(ctx, services, wish)

        rules = Rules(
            RetryPolicy(settings.retry_base, settings.retry_cap, settings.rate_limit_rest), timedelta(seconds=5)
        )
        try:
            await attempt(ctx, work, rules, services.pool)
        finally:
            stopping.cancel()
        async with services.pool.connection() as conn:
            state, said = await logins.ending(conn, claimed.user_id, claimed.id)
    if state != JobState.COMPLETED:
        raise InputError(said or ("Cancelled." if state == JobState.CANCELLED else "The account was not connected."))


async def _begun(pool: Pool, settings: Settings, wish: Wish) -> Claimed:
    async with pool.connection() as conn:
        user_id = await logins.find_user(conn, wish.email)
        if user_id is None:
            raise InputError(
                "No Rollcall account has this e-mail." if wish.email else "Whose account is this to be?",
                next_step="Give the e-mail that you sign in to Rollcall with: --email NAME@EXAMPLE.ORG",
            )
        profile_id = await logins.ensure_profile(conn, user_id, wish.username, wish.timezone)
        profile = await profiles.load(conn, user_id, profile_id)
        if profile is not None and profile.cooldown_until and profile.cooldown_until > datetime.now(UTC):
            raise InputError(f"@{wish.username} is in a cool-down, which Instagram caused.", next_step=_RESTS)
        name = f"{gethostname()}:{getpid()}:connect"
        claimed = await logins.begin(conn, profile_id, name, settings.worker_lease)
    if claimed is None:
        raise InputError(
            f"Rollcall is working on @{wish.username} right now.",
            next_step="Wait until that is done, or cancel it on its page, then run the command again.",
        )
    return claimed


async def _work(ctx: JobContext, services: Services, wish: Wish) -> None:
    ctx.progress("login", 0, None)
    rows = await load(ctx, services)
    if wish.cookies is not None:
        cookies = [cookie.to_json() for cookie in wish.cookies]
        await login.by_cookies(ctx, services, rows, CookieLogin(wish.username, cookies))
    else:
        window = Window(ctx, services, rows, wish.username, wish.patience)
        await connect_by(ctx, services, rows, Way(wish.username, rows.device, window.enter), services.browser)


async def _stopped(ctx: Context, stop: asyncio.Event) -> None:
    await stop.wait()
    ctx.stop(Cancelled())
