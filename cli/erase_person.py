"""`rollcall erase-person`: for the operator, when a person in the lists asks to be erased."""

from __future__ import annotations

from contextlib import nullcontext

import click
import psycopg
from psycopg.rows import dict_row

from shared.database_reasons import reason
from shared.db.embedded import embedded_database
from shared.errors import DatabaseError, InputError
from shared.platforms import PLATFORMS, label_of, platform_of
from shared.platforms.instagram import INSTAGRAM
from shared.settings import load
from shared.store.deletion.erase_person import erase


@click.command("erase-person")
@click.option("--platform", default=INSTAGRAM.name, show_default=True, type=click.Choice(list(PLATFORMS)))
@click.option("--id", "platform_id", required=True, help="The platform's own number of the person, not the username.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_person(platform: str, platform_id: str, yes: bool) -> None:
    """Erase one person from every list of every user. Works while Rollcall runs."""
    if not platform_of(platform).is_id(platform_id):
        raise InputError(
            f"This is not an id of {label_of(platform)}.",
            next_step="Take the number from the column id of an export of followers.",
        )
    if not yes:
        click.confirm(
            f"Erase the person {platform_id} of {platform} from every list of every user, for good?", abort=True
        )
    settings = load()
    place = (
        embedded_database(settings.data_dir) if settings.database_url is None else nullcontext(settings.database_url)
    )
    try:
        with place as url, psycopg.connect(url, autocommit=True, row_factory=dict_row) as conn:
            conn.execute("set role service_role")
            touched = erase(conn, platform, platform_id)
    except psycopg.Error as error:
        raise DatabaseError(
            f"Nothing was erased: {reason(error)}.",
            next_step="Run it with the owner's or the worker's DATABASE_URL.",
        ) from error
    for table, rows in touched.items():
        click.echo(f"{table:<14} {rows}")
    if not any(touched.values()):
        click.echo("No one with this id is stored.")
    else:
        click.echo("A later sync stores the person again where they still follow or are followed.")
