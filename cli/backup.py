"""`rollcall backup` and `rollcall restore`: the embedded Rollcall as two folders, and back."""

from __future__ import annotations

from pathlib import Path

import click

from shared.errors import ConfigError
from shared.settings import Settings, load


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--keys", type=click.Path(path_type=Path), required=True, help="Where the keys go; not into FOLDER.")
def backup(folder: Path, keys: Path) -> None:
    """Write the embedded database into FOLDER and its keys into another one. Works while Rollcall runs.

    Neither folder may be there yet.
    """
    from cli.ops.backup import backup as make

    counts = make(_embedded().data_dir, folder.absolute(), keys.absolute())
    click.echo(f"Backed up {sum(counts.values()):,} rows to {folder}, and the keys to {keys}.")
    click.echo("Together they open everything that is stored: keep the keys somewhere else than the database.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--keys", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The folder of the backup's keys."
)
def restore(folder: Path, keys: Path | None) -> None:
    """Fill an empty data folder from a backup. Start Rollcall afterwards."""
    from cli.ops.backup import restore as fill

    settings = _embedded()
    counts = fill(folder.absolute(), keys.absolute() if keys else None, settings.data_dir)
    click.echo(f"Restored {sum(counts.values()):,} rows into {settings.data_dir}; the keys open what is stored.")
    click.echo("Start it with `rollcall up`.")


def _embedded() -> Settings:
    settings = load()
    if settings.database_url is not None:
        raise ConfigError(
            "This is for the embedded database, and DATABASE_URL is set. Use pg_dump as docs/backup.md says."
        )
    return settings
