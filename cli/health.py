"""`rollcall health`: the health check of a container."""

import click
import psycopg

from cli.ops.local_http import fetch
from shared.domain.input.hosts import Host
from shared.settings import load


@click.command()
def health() -> None:
    """Exit 0 if the web on HEALTH_PORT or PORT answers well, or, where none listens, if the database answers."""
    settings = load()
    port = settings.health_port or settings.port
    try:
        status, _ = fetch(f"{Host.parse(settings.host).url(port)}/healthz", 4)
        raise SystemExit(0 if status == 200 else 1)
    except OSError as error:
        refused = isinstance(getattr(error, "reason", error), ConnectionRefusedError)
        if not refused or settings.database_url is None:
            raise SystemExit(1) from None
    try:
        psycopg.connect(settings.database_url, connect_timeout=4).close()
    except psycopg.Error:
        raise SystemExit(1) from None
