"""The services of a handler. Built once by `worker.bootstrap`; tests swap parts there and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg_pool import AsyncConnectionPool
from structlog.stdlib import BoundLogger

from shared.db.pools import WorkerConnection
from shared.errors import NotOffered
from shared.files.folder import Files
from shared.settings import Settings
from shared.vault import KeyRing
from worker.browser.pool import BrowserPool
from worker.platforms.client import PlatformClient

Pool = AsyncConnectionPool[WorkerConnection]


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one worker process, shared by all of its jobs."""

    settings: Settings
    pool: Pool
    keyring: KeyRing
    browser: BrowserPool
    platforms: Mapping[str, PlatformClient]
    files: Files
    log: BoundLogger

    def client(self, platform: str) -> PlatformClient:
        """The worker's half of a platform; raises NotOffered for one that this version does not know."""
        client = self.platforms.get(platform)
        if client is None:
            raise NotOffered
        return client
