"""PgQueuer's worker: python -m bench.queue_workers.pgqueuer_peer setup|work CONNINFO FOLDER CONCURRENCY.

A lane is an entrypoint of which one job runs at a time.
"""

import asyncio
import signal
import sys
from importlib import import_module
from typing import Any

import psycopg

from bench.queue_workers.tally import Tally

# Installed for the benchmark only, so no checker of ours knows it.
pgqueuer: Any = import_module("pgqueuer")
models: Any = import_module("pgqueuer.models")
queries: Any = import_module("pgqueuer.queries")
LANES = 20


async def main() -> None:
    what, conninfo, folder, concurrency = sys.argv[1:]
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as conn:
        if what == "setup":
            await queries.Queries.from_psycopg_connection(conn).install()
            return
        pgq, tally = pgqueuer.PgQueuer.from_psycopg_connection(conn), Tally(folder)

        async def count(job: Any) -> None:
            tally.started(float(job.payload) if job.payload else None)

        for lane in range(LANES):
            pgq.entrypoint(f"lane{lane}", concurrency_limit=1)(count)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, pgq.shutdown.set)
        await pgq.run(batch_size=int(concurrency))


if __name__ == "__main__":
    asyncio.run(main())
