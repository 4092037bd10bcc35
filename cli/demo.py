"""`rollcall demo`: the whole of Rollcall on an embedded database and the sandbox."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from cli.ops.launcher import free_port, house, part, running, supervise, wait_until_up
from sandbox.demo.outside import Addresses
from sandbox.demo.stage import Plan, Stage, perform
from sandbox.supabase.database import ask_for_passwords, database
from sandbox.supabase.server import stand_in
from shared import logs
from shared.db import roles
from shared.db.embedded import embedded_server
from shared.errors import ConfigError, RollcallError
from shared.settings import Settings, load
from worker.browser import switches
from worker.browser.driver import playwrights_own
from worker.browser.find import find, is_root


@click.command()
@click.option(
    "--once", is_flag=True, help="Do the whole job unattended, compare it with the truth, print one JSON line."
)
@click.option("--days", default=60, show_default=True, type=click.IntRange(0, 400), help="Days of history to make.")
@click.option("--followers", default=2000, show_default=True, type=click.IntRange(0, 1_000_000))
@click.option("--following", default=300, show_default=True, type=click.IntRange(0, 7500))
@click.option("--posts", default=60, show_default=True, type=click.IntRange(0, 5000))
@click.option("--seed", default=7, show_default=True, help="Another seed is another world.")
@click.option("--two-factor", default="sms", show_default=True, type=click.Choice(["totp", "sms", "none"]))
@click.option(
    "--hosted", is_flag=True, help="Accounts, files and database as a Supabase project has them, by a stand-in."
)
def demo(hosted: bool, **options: Any) -> None:
    """Show everything on an embedded database and stand-ins for the platforms. Touches no real account."""
    # The launcher's messages are in the demo's log, too; only warnings interrupt the progress.
    logs.configure("WARNING", "console", process="launcher")
    raise SystemExit(perform(Plan(**options), hosted_stage if hosted else stage))


@contextmanager
def stage(outside: Addresses, data_dir: Path, log: Path) -> Iterator[Stage]:
    """Rollcall as `up` runs it, but reading from `outside` without pauses and writing its log to a file."""
    with _staged(load({}, data_dir=data_dir, port=_demo_port()), {}, {}, outside, log) as ready:
        yield ready


def _demo_port() -> int:
    """PORT where it is set, else the usual port or any free one; raises ConfigError where PORT is taken."""
    if not ({"PORT", "PORT_FILE"} & os.environ.keys()):
        return free_port(8642)
    wanted = load().port
    port = free_port(wanted)
    if wanted and port != wanted:
        raise ConfigError(f"PORT={wanted} is taken. Set another one, for example PORT={wanted + 1}, or none.")
    return port


@contextmanager
def hosted_stage(outside: Addresses, data_dir: Path, log: Path) -> Iterator[Stage]:
    """As `stage`, but hosted: people sign in at a stand-in of Supabase, which stores files and owns the database."""
    port, below = _demo_port(), data_dir.parent / "supabase"
    public = f"http://127.0.0.1:{port}"
    with embedded_server(below) as server, database(server.url) as project_database:
        ask_for_passwords(server.url, below / "postgres", (roles.WEB, roles.WORKER))
        with stand_in(public, project_database) as project:
            settings = load({}, data_dir=data_dir, port=port, database_url=project_database.owner)
            web = {"SUPABASE_URL": project.url, "PUBLIC_URL": public}
            web |= {"SUPABASE_PUBLISHABLE_KEY": project.project.publishable_key}
            worker = {"SUPABASE_URL": project.url, "SUPABASE_SECRET_KEY": project.project.secret_key}
            with _staged(settings, web, worker, outside, log, server.keep) as ready:
                yield replace(ready, mailed=project.mailed)


@contextmanager
def _staged(
    settings: Settings,
    of_web: Mapping[str, str],
    of_worker: Mapping[str, str],
    outside: Addresses,
    log: Path,
    keep: Callable[[], object] | None = None,
) -> Iterator[Stage]:
    """Starts the processes on a ready database, which `keep` starts again where it is not the house's own."""
    browser = find(load().browser_path, playwrights_own())
    pace = {"PACE_SECONDS": "0", "PACE_JITTER_SECONDS": "0", "REQUESTS_PER_DAY": "0"}
    read = {**outside.worker, "BROWSER_PATH": str(browser), **pace}
    address = f"http://{settings.host}:{settings.port}"
    with log.open("wb") as output, house(settings) as ready:
        children = [
            part("web", {**ready.web_env, **of_web, **outside.web, **pace, "PORT": str(settings.port)}, output=output),
            part("worker", {**ready.worker_env, **of_worker, **read}, output=output),
        ]
        with running(children, grace=10):
            try:
                wait_until_up(f"{address}/healthz", children[0])
            except RollcallError:
                click.echo(log.read_text(encoding="utf-8", errors="replace"), err=True)
                raise
            keep_going = partial(supervise, children, keep=keep or ready.keep)
            yield Stage(address, browser, is_root(), switches.LOCAL, keep_going)
