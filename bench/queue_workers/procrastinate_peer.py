"""Procrastinate's worker: python -m bench.queue_workers.procrastinate_peer setup|work CONNINFO FOLDER CONCURRENCY."""

import asyncio
import sys
from importlib import import_module
from typing import Any

from bench.queue_workers.tally import Tally

# Installed for the benchmark only, so no checker of ours knows it.
procrastinate: Any = import_module("procrastinate")


async def main() -> None:
    what, conninfo, folder, concurrency = sys.argv[1:]
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo, min_size=2, max_size=20))
    if what == "setup":
        async with app.open_async():
            await app.schema_manager.apply_schema_async()
        return
    tally = Tally(folder)

    async def count(at: float | None = None) -> None:
        tally.started(at)

    app.task(name="count")(count)
    async with app.open_async():
        await app.run_worker_async(concurrency=int(concurrency))


if __name__ == "__main__":
    asyncio.run(main())
