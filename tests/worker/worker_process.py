"""A real worker with handlers of the tests; parts are swapped at the bootstrap only.

Each run of a handler leaves a row in the test's own table `played`, in a transaction that carries the fence.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from shared import logs, settings
from shared.db import pools
from shared.domain.jobs import CodeMethod, InputRequest, JobKind
from shared.errors import NeedsLogin, RateLimited, SiteFailed
from shared.files.folder import FolderFiles
from shared.settings import Settings
from shared.vault import KeyRing
from worker import bootstrap, main
from worker.browser.pool import BrowserPool
from worker.jobs.base import Handler, JobContext
from worker.platforms import registry
from worker.services import Services


@asynccontextmanager
async def services(given: Settings, concurrency: int) -> AsyncIterator[Services]:
    browser = BrowserPool(given)
    async with pools.worker_pool(bootstrap.database_url(given), size=2 * concurrency + 2) as pool:
        yield Services(
            settings=given,
            pool=pool,
            keyring=KeyRing.generate(datetime.now(UTC)),
            browser=browser,
            platforms=registry.clients(browser, given),
            files=FolderFiles(given.data_dir / "exports"),
            log=logs.get("test"),
        )


async def _played(ctx: JobContext, what: str) -> None:
    async with ctx.transaction() as conn:
        await _leave(conn, ctx, what)


async def _leave(conn: pools.WorkerConnection, ctx: JobContext, what: str) -> None:
    await conn.execute(
        "insert into public.played (job_id, fence, what, pid) values (%s, %s, %s, %s)",
        (ctx.job.id, ctx.job.fence, what, os.getpid()),
    )


async def once(ctx: JobContext) -> None:
    await _played(ctx, "once")


async def hold(ctx: JobContext) -> None:
    """Keeps its lane for a moment, so that an overlap would be seen."""
    await _played(ctx, "begin")
    await asyncio.sleep(0.02)
    await _played(ctx, "end")


async def walk(ctx: JobContext) -> None:
    """Pages 0 to `pages` - 1, each committed with its cursor; as slow as `pause` says."""
    page = int((ctx.job.cursor or {"page": 0})["page"])
    pages, pause = int(ctx.job.args["pages"]), float(ctx.job.args.get("pause", 0.02))
    while page < pages:
        ctx.check()
        async with ctx.transaction() as conn:
            await _leave(conn, ctx, f"page {page}")
            page += 1
            await ctx.save_cursor(conn, {"page": page}, items=1)
        ctx.progress("walk", page, pages)
        await asyncio.sleep(pause)


async def hang(ctx: JobContext) -> None:
    await _played(ctx, "begin")
    while True:
        ctx.check()
        await asyncio.sleep(0.02)


async def deaf(ctx: JobContext) -> None:
    """Never looks whether it should stop."""
    await _played(ctx, "begin")
    await asyncio.Event().wait()


async def die(ctx: JobContext) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def ask(ctx: JobContext) -> None:
    answer = await ctx.ask(InputRequest(CodeMethod.SMS, sent_to="*** 42"), timedelta(seconds=30))
    await _played(ctx, answer.decode())


async def ask_briefly(ctx: JobContext) -> None:
    await ctx.ask(InputRequest(CodeMethod.TOTP), timedelta(seconds=0.3))


async def rate_limited(ctx: JobContext) -> None:
    raise RateLimited(until=datetime.now(UTC) + timedelta(hours=1))


async def needs_login(ctx: JobContext) -> None:
    raise NeedsLogin


async def site_failed(ctx: JobContext) -> None:
    raise SiteFailed


async def broken(ctx: JobContext) -> None:
    raise KeyError("a fault that no one foresaw")


async def leak(ctx: JobContext) -> None:
    """Breaks with a secret in its local variables, its args and its text."""
    canary = str(ctx.job.args["canary"])
    raise ValueError(f"could not open https://www.example.org/?token={canary} with {canary}")


PLAYS: dict[str, Handler] = {
    play.__name__: play
    for play in (
        once,
        hold,
        walk,
        hang,
        deaf,
        die,
        ask,
        ask_briefly,
        rate_limited,
        needs_login,
        site_failed,
        broken,
        leak,
    )
}


async def play(ctx: JobContext) -> None:
    """Does what the job's `args` say."""
    await PLAYS[ctx.job.args.get("play", "once")](ctx)


def handlers(_: Services) -> Mapping[JobKind, Handler]:
    return dict.fromkeys(JobKind, play)


if __name__ == "__main__":
    given = settings.load()
    logs.configure(given.log_level, given.log_format, process="worker")
    asyncio.run(main.serve(given, given.worker_concurrency, services, handlers))
