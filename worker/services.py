"""The services of a handler. Built once by `worker.bootstrap`; tests swap parts there and nowhere else."""

from dataclasses import dataclass

from psycopg_pool import AsyncConnectionPool
from structlog.stdlib import BoundLogger

from shared.db.pools import WorkerConnection
from shared.files.folder import Files
from shared.settings import Settings
from shared.vault import KeyRing
from worker.browser.pool import BrowserPool
from worker.platforms.base import SourceOpener
from worker.platforms.login import LoginFlow

Pool = AsyncConnectionPool[WorkerConnection]


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of one worker process, shared by all of its jobs."""

    settings: Settings
    pool: Pool
    keyring: KeyRing
    browser: BrowserPool
    open_source: SourceOpener
    login: LoginFlow
    files: Files
    log: BoundLogger
