"""The services of the application, built once by `web.serve` (or a test) and found again in each request."""

from dataclasses import dataclass

from flask import current_app
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection
from shared.files.folder import Files
from shared.settings import Settings
from shared.vault import SealingKey
from web.auth.identity import Identity


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    pool: ConnectionPool[WebConnection]
    sealing_key: SealingKey
    identity: Identity
    files: Files


def services() -> Services:
    """The services of the application that answers this request."""
    found: Services = current_app.extensions["rollcall"]
    return found
