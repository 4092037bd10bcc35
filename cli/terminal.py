"""Shared parts of the commands that a person runs at the worker's machine, with or without `rollcall up`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared import logs
from shared.db.embedded import embedded_database
from shared.db.poolers import require_sessions
from shared.errors import ConfigError
from shared.settings import Settings, load

# What a program for a single account had its token and the account's id in.
TOKEN, ACCOUNT = "IG_LONG_TOKEN", "IG_ACCOUNT_ID"


def quiet_settings(process: str) -> Settings:
    """The settings, with a log that leaves the terminal to the command unless the user asked for it."""
    settings = load()
    level = "WARNING" if settings.log_level == "INFO" else settings.log_level
    logs.configure(level, settings.log_format, process)
    return settings


@contextmanager
def database(settings: Settings, command: str) -> Iterator[str]:
    """The address of the existing database, DATABASE_URL or the embedded one.

    Raises ConfigError without one, or behind a transaction pooler, with which `command` cannot work.
    """
    if settings.database_url is not None:
        require_sessions(settings.database_url, f"`rollcall {command}`")
        yield settings.database_url
    elif not (settings.data_dir / "postgres" / "PG_VERSION").exists():
        raise ConfigError("There is no database yet. Start `rollcall up` and create your account there first.")
    else:
        with embedded_database(settings.data_dir) as url:
            yield url
