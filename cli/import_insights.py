"""`rollcall import-insights`: daily figures that another program kept, stored beside those of the official API."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import click

from cli.plain import PlainCommand
from cli.terminal import database, quiet_settings
from shared.db import pools
from shared.db.pools import WorkerConnection
from shared.domain.input import daily_figures
from shared.domain.input.daily_figures import DailyFigures
from shared.domain.insights import Days
from shared.domain.metrics import Level, Metric, metrics_of
from shared.errors import InputError
from shared.store import publishing
from shared.store.insights import figures
from shared.store.queue import local_jobs
from shared.store.queue.local_jobs import LocalProfile

SOURCE = "legacy"
_WHICH = "Name one by --profile: its username, or the ID in the address of its page."


@click.command("import-insights", cls=PlainCommand)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", "wanted", help="The profile: its username, or the ID in the address of its page.")
def import_insights(file: Path, wanted: str | None) -> None:
    """Bring daily figures that another program kept, from a CSV file. Works while `rollcall up` runs."""
    settings = quiet_settings("import-insights")
    with file.open("rb") as opened:
        raw = opened.read(daily_figures.LARGEST_FILE + 1)
    with database(settings, "import-insights") as url:
        said = asyncio.run(import_file(url, raw, wanted, datetime.now(UTC)))
    for line in said:
        click.echo(line)


async def import_file(url: str, raw: bytes, wanted: str | None, now: datetime) -> list[str]:
    """Stores the figures of the file and returns the lines to print; raises InputError with the reason."""
    async with pools.worker_pool(url, size=1) as pool, pool.connection() as conn:
        profile = choose(await local_jobs.profiles_to_sync(conn), wanted)
        metrics = metrics_of(profile.platform, Level.ACCOUNT, daily=True)
        # Somewhere it is tomorrow already.
        found = daily_figures.read(raw, metrics, (now + timedelta(hours=14)).date())
        changed = await _save(conn, profile, found, {one.id: one for one in metrics}, now)
    return _lines(profile, found, changed)


def choose(known: Sequence[LocalProfile], wanted: str | None) -> LocalProfile:
    """The profile of this name or ID, or the only one; raises InputError where that names none, or several."""
    if wanted is None:
        found = list(known)
    else:
        bare, as_id = wanted.strip().removeprefix("@").casefold(), _id(wanted)
        found = [one for one in known if one.id == as_id or one.username.casefold() == bare]
    if len(found) != 1:
        raise InputError("Several profiles fit." if found else "There is no such profile.", next_step=_WHICH)
    return found[0]


async def _save(
    conn: WorkerConnection, profile: LocalProfile, found: DailyFigures, metrics: dict[str, Metric], now: datetime
) -> int:
    whose = figures.Owner(profile.user_id, profile.id, SOURCE)
    async with conn.transaction():
        if not await publishing.begin(conn, profile.user_id, profile.id):
            raise InputError("The profile was deleted meanwhile.")
        changed = await figures.save_days(conn, whose, found.figures, metrics, now)
        await figures.cover(conn, whose, Days(found.first, found.last), complete=True, renewed_at=now)
    return changed


def _lines(profile: LocalProfile, found: DailyFigures, changed: int) -> list[str]:
    words = f"{len(found.figures)} figures from {found.first} to {found.last}"
    lines = [f"@{profile.username}: {words}, {changed} of them new or changed."]
    if found.left_out:
        lines.append(f"Left out, as Rollcall has no such daily figure: {', '.join(found.left_out)}.")
    return [*lines, "They stand on the page Insights beside the official ones, as those of an earlier program."]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text.strip())
    except ValueError:
        return None
