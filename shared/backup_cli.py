"""`rollcall backup` and `rollcall restore`: the embedded Rollcall as one folder, and back."""

from __future__ import annotations

from pathlib import Path

import click

from shared.errors import ConfigError
from shared.settings import Settings, load


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Write the embedded database and its keys into FOLDER, which must not be there yet. Works while Rollcall runs."""
    from shared.backup import backup as make

    counts = make(_embedded().data_dir, folder.absolute())
    click.echo(f"Backed up {sum(counts.values()):,} rows to {folder}.")
    click.echo("The keys in it open everything that is stored: keep that folder as you would keep a password.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(folder: Path) -> None:
    """Fill an empty data folder from a backup. Start Rollcall afterwards."""
    from shared.backup import restore as fill

    settings = _embedded()
    counts = fill(folder.absolute(), settings.data_dir)
    click.echo(f"Restored {sum(counts.values()):,} rows into {settings.data_dir}; the keys open what is stored.")
    click.echo("Start it with `rollcall up`.")


def _embedded() -> Settings:
    settings = load()
    if settings.database_url is not None:
        raise ConfigError(
            "This is for the embedded database, and DATABASE_URL is set. Use pg_dump as docs/backup.md says."
        )
    return settings
