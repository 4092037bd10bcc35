"""`rollcall migrate`: brings a database to this version's schema."""

import click

from shared.db.embedded import embedded_database
from shared.db.migrate import migrate as apply
from shared.db.poolers import require_sessions
from shared.settings import load


@click.command()
def migrate() -> None:
    """Bring the database at DATABASE_URL (its owner's), or the embedded one, to this version's schema."""
    settings = load()
    if settings.database_url is not None:
        require_sessions(settings.database_url, "`rollcall migrate`")
        applied = apply(settings.database_url)
    else:
        with embedded_database(settings.data_dir) as url:
            applied = apply(url)
    click.echo("\n".join(f"applied {version}" for version in applied) or "nothing to do")
