"""A server for databases as Supabase projects have them, where our two roles need their passwords."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.supabase.database import ask_for_passwords
from shared.db import roles
from shared.db.embedded import embedded_database


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """The superuser's address of a server of its own below `folder`."""
    with embedded_database(folder, durable=False) as url:
        ask_for_passwords(url, folder / "postgres", (roles.WEB, roles.WORKER))
        yield url
