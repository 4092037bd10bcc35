"""`rollcall keys`: make the keys, rotate them, and put the data keys under the current one."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import UTC, datetime

import click
import psycopg
from psycopg.rows import dict_row

from cli.plain import PlainGroup
from shared.database_reasons import reason
from shared.db.embedded import embedded_database
from shared.db.pools import WorkerConnection
from shared.errors import DatabaseError
from shared.settings import Settings, load
from shared.store.users import data_keys
from shared.vault import keyfiles
from shared.vault.configured import worker_ring
from shared.vault.keyring import KeyRing

_HOSTED_STEPS = """\
The lines above hold the new keys in front of the old ones. Nothing was changed yet. In this order:
  1. Keep a copy of WORKER_KEYS somewhere safe.
  2. Give WORKER_KEYS to every worker and restart the workers.
  3. Give SEALING_KEY to the web and restart it.
  4. Run `rollcall keys rewrap` with the new WORKER_KEYS."""


@click.group(cls=PlainGroup)
def keys() -> None:
    """The keys that protect what Rollcall stores."""


@keys.command()
@click.option("--print", "to_print", is_flag=True, help="Print fresh keys as environment lines and write no file.")
def generate(to_print: bool) -> None:
    """Make the first keys; refuses to replace any."""
    now = datetime.now(UTC)
    if to_print:
        _print_lines(KeyRing.generate(now))
        click.echo("WORKER_KEYS is for the worker alone: keep a copy somewhere safe.", err=True)
        return
    settings = load()
    keyfiles.create(settings.data_dir, now)
    click.echo(f"Made the keys at {keyfiles.ring_path(settings.data_dir)}.")
    _ask_for_backup()


@keys.command()
def rotate() -> None:
    """Put new keys in front of the old ones and re-wrap the data keys. Safe while Rollcall runs."""
    settings = load()
    now = datetime.now(UTC)
    if settings.worker_keys is not None:
        _print_lines(KeyRing.from_json(settings.worker_keys).with_new_keys(now))
        click.echo(_HOSTED_STEPS, err=True)
        return
    ring = keyfiles.rotate(settings.data_dir, now)
    click.echo(f"New keys are in front at {keyfiles.ring_path(settings.data_dir)}; the older ones stay in it.")
    _ask_for_backup()
    _rewrap(settings, ring)
    click.echo("Restart Rollcall when it suits you: until then it seals with the older key, which still opens.")


@keys.command()
def rewrap() -> None:
    """Put every data key under the current key, for instance after WORKER_KEYS was changed."""
    settings = load()
    _rewrap(settings, worker_ring(settings, datetime.now(UTC)))


def _print_lines(ring: KeyRing) -> None:
    click.echo(f"WORKER_KEYS='{ring.to_json()}'")
    click.echo(f"SEALING_KEY={ring.sealing_key.to_text()}")


def _ask_for_backup() -> None:
    click.echo("Back that file up: without it no stored session, token or authenticator secret opens again.")


def _rewrap(settings: Settings, ring: KeyRing) -> None:
    made = (settings.data_dir / "postgres" / "PG_VERSION").exists()
    if settings.database_url is None and not made:
        click.echo("There is no database yet, so there are no data keys to re-wrap.")
        return
    place = (
        embedded_database(settings.data_dir) if settings.database_url is None else nullcontext(settings.database_url)
    )
    try:
        with place as url:
            moved = asyncio.run(_rewrapped(url, ring))
    except psycopg.Error as error:
        raise DatabaseError(
            f"The data keys were not all re-wrapped: {reason(error)}.",
            next_step="They still open. Run `rollcall keys rewrap` with the worker's DATABASE_URL.",
        ) from error
    click.echo(f"Re-wrapped {moved} data key{'' if moved == 1 else 's'} under the current key {ring.kek_id}.")


async def _rewrapped(url: str, ring: KeyRing) -> int:
    connect = psycopg.AsyncConnection.connect
    conn: WorkerConnection
    async with await connect(url, autocommit=True, row_factory=dict_row) as conn:
        await conn.execute("set role service_role")
        return await data_keys.rewrap_all(conn, ring)
