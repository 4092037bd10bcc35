"""`rollcall roles`: logins of the web and the worker for a foreign database."""

import click

from shared.db import roles as logins
from shared.errors import ConfigError
from shared.settings import load


@click.command()
@click.option(
    "--at",
    metavar="HOST[:PORT]",
    help="Where web and worker will connect, if not where DATABASE_URL leads: for example Supabase's session pooler.",
)
def roles(at: str | None) -> None:
    """Give the web's and the worker's role fresh passwords (DATABASE_URL: the owner's), and print their addresses."""
    url = load().database_url
    if url is None:
        raise ConfigError(
            "DATABASE_URL is not set. Set it to the owner's address; the embedded database needs no passwords."
        )
    place = logins.elsewhere(url, at) if at else url
    for name, role in (("web", logins.WEB), ("worker", logins.WORKER)):
        password = logins.new_password()
        logins.allow_login(url, role, password)
        click.echo(f"# {name}\nDATABASE_URL={logins.address(place, logins.login_name(place, role), password)}")
    click.echo("Shown this once: put each into its service. Running this again makes new passwords.", err=True)
