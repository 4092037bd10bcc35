"""Our worker as it is, with handlers that only count: python -m bench.queue_workers.ours FOLDER CONCURRENCY."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from bench.queue_workers.tally import Tally
from shared import logs, settings
from shared.db import pools
from shared.domain.jobs import JobKind
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
    async with pools.worker_pool(bootstrap.database_url(given), size=2 * concurrency) as pool:
        ring = KeyRing.generate(datetime.now(UTC))
        yield Services(
            settings=given,
            pool=pool,
            keyring=ring,
            browser=browser,
            platforms=registry.clients(browser, given),
            files=FolderFiles(given.data_dir / "exports"),
            log=logs.get("bench"),
        )


def handlers(_: Services) -> Mapping[JobKind, Handler]:
    tally = Tally(sys.argv[1])

    async def count(ctx: JobContext) -> None:
        tally.started(ctx.job.args.get("at"))

    return dict.fromkeys(JobKind, count)


if __name__ == "__main__":
    given = settings.load()
    logs.configure("WARNING", "json", process="worker")
    asyncio.run(main.serve(given, int(sys.argv[2]), services, handlers))
