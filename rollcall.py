"""The front door: `rollcall COMMAND`."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click
import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent))

from shared import logs
from shared.domain.hosts import Host
from shared.errors import ConfigError, RollcallError
from shared.near_misses import near_misses
from shared.plain_cli import PlainGroup
from shared.release import VERSION
from shared.settings import Settings, load

if TYPE_CHECKING:
    from sandbox.demo.stage import Stage
    from shared.doctor_check import Check, Look

RISKS = """\
Before you connect an account by its login, know what that means:
  * Automated reading is against Instagram's terms of use, also of your own account. Instagram may ask you to confirm
    that it is you, log the account out, limit it for a while, or in the worst case suspend it.
  * Rollcall drives a plain browser, slowly, reads only, and stops when Instagram asks it to. That lowers the risk; it
    does not remove it. Connect only an account that you own.
  * Your password is used once and not stored; the session is stored encrypted, on this machine.
One way in carries no such risk: the data download that Instagram gives you as a file (`rollcall import`, or the page
to connect an account). Another, Instagram's official API for professional accounts, is being built.
"""


START = "ROLLCALL_START"
_WARNING = ("up", "web", "worker", "doctor")


class _Group(PlainGroup):
    """Imports a command's own part only when it is called."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's; what runs from now on warns of names that are nearly those of settings."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in _WARNING and START not in os.environ:
            for given, meant in near_misses(os.environ):
                click.echo(f"Warning: {given} is no setting of Rollcall and changes nothing; {meant} is one.", err=True)
        return name, command, rest

    def list_commands(self, ctx: click.Context) -> list[str]:
        names = ["up", "web", "worker", "connect", "import", "sync", "migrate", "roles", "keys", "doctor", "health"]
        names += ["user", "backup", "restore", "erase-person"]
        # The image for servers carries no sandbox.
        return [*names, "demo", "sandbox"] if find_spec("sandbox") else names

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _part(cmd_name)


_PARTS = {
    "web": "web.serve:web",
    "worker": "worker.main:worker",
    "connect": "worker.connect_cli:connect",
    "import": "worker.import_cli:import_",
    "sync": "worker.sync_cli:sync",
    "roles": "shared.db.roles_cli:roles",
    "keys": "shared.vault.cli:keys",
    "user": "web.user_cli:user",
    "backup": "shared.backup_cli:backup",
    "restore": "shared.backup_cli:restore",
    "erase-person": "shared.erase_person_cli:erase_person",
    "sandbox": "sandbox.cli:sandbox",
}


def _part(name: str) -> click.Command | None:
    """The command of a part, imported now: the web never loads the worker, nor the worker the web."""
    if name not in _PARTS:
        return None
    module, _, attribute = _PARTS[name].partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    return command


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name=None, version=VERSION, prog_name="rollcall")
def main() -> None:
    """Who came, who left and what worked, on the accounts you own."""


@main.command()
def up() -> None:
    """Run everything on this machine: database, web and worker, against the real Instagram."""
    from shared.launcher import free_port, house, part, require_free, running, supervise, wait_until_up

    settings = load()
    host, number = Host.parse(settings.host), settings.port or free_port(0)
    require_free(host.listen, number)
    logs.configure(settings.log_level, settings.log_format, process="launcher")
    _end_on_sigterm()
    try:
        with house(settings) as ready:
            if not _anybody_connected(ready.owner_url):
                click.echo(RISKS)
            children = [
                part("web", {**ready.web_env, "PORT": str(number)}, "--quiet"),
                part("worker", ready.worker_env),
            ]
            with running(children, grace=settings.worker_drain.total_seconds() + 10):
                address = host.url(number)
                wait_until_up(f"{address}/healthz", children[0])
                shown = settings.public_url or address
                click.echo(f"Rollcall is at {shown}  (stop it with Ctrl-C; data in {settings.data_dir})")
                supervise(children, keep=ready.keep)
    except KeyboardInterrupt:
        click.echo("Stopped.")


@main.command()
def migrate() -> None:
    """Bring the database at DATABASE_URL (its owner's), or the embedded one, to this version's schema."""
    from shared.db.embedded import embedded
    from shared.db.migrate import migrate as apply
    from shared.db.poolers import require_sessions

    settings = load()
    if settings.database_url is not None:
        require_sessions(settings.database_url, "`rollcall migrate`")
        applied = apply(settings.database_url)
    else:
        with embedded(settings.data_dir) as url:
            applied = apply(url)
    click.echo("\n".join(f"applied {version}" for version in applied) or "nothing to do")


@main.command()
def health() -> None:
    """Exit 0 if the web on HEALTH_PORT or PORT answers well, or, where none listens, if the database answers."""
    from shared.asking import asked

    settings = load()
    port = settings.health_port or settings.port
    try:
        status, _ = asked(f"{Host.parse(settings.host).url(port)}/healthz", 4)
        raise SystemExit(0 if status == 200 else 1)
    except OSError as error:
        refused = isinstance(getattr(error, "reason", error), ConnectionRefusedError)
        if not refused or settings.database_url is None:
            raise SystemExit(1) from None
    try:
        psycopg.connect(settings.database_url, connect_timeout=4).close()
    except psycopg.Error:
        raise SystemExit(1) from None


@main.command()
@click.option("--hosted", is_flag=True, help="Look at a hosted installation too: Supabase, its database, its files.")
@click.option("--mend", is_flag=True, help="With --hosted: make missing buckets first (needs SUPABASE_SECRET_KEY).")
def doctor(hosted: bool, mend: bool) -> None:
    """Say what is found and what is missing, and how to mend it."""
    from shared.doctor import examine
    from shared.doctor_check import not_tried
    from shared.settings import wrong
    from worker.browser.doctor import browser
    from worker.doctor import mail, platform

    further: dict[str, Look] = {"browser": browser, "platform": platform, "mail": mail}
    if hosted and wrong():
        further["hosted"] = lambda _: not_tried("hosted", "not tried before every setting can be used")
    elif hosted:
        from shared import doctor_container, doctor_hosted

        further |= _of_settings(doctor_hosted.checks(load()) | doctor_container.checks(load()))
        for done in doctor_hosted.make_buckets(load()) if mend else ():
            click.echo(f"mended     {done}")
    results = examine(further)
    for check in results:
        click.echo(f"{check.word:<9}  {check.name:<16} {check.says}")
        if check.mend:
            click.echo(f"           {'':<16} → {check.mend}")
    raise SystemExit(0 if all(check.ok for check in results) else 1)


def _of_settings(checks: "Mapping[str, Callable[[], Check]]") -> "dict[str, Look]":
    """Checks that have their settings already."""

    def look(check: "Callable[[], Check]") -> "Look":
        return lambda _: check()

    return {name: look(check) for name, check in checks.items()}


@main.command()
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
def demo(hosted: bool, **wishes: Any) -> None:
    """Show everything on an embedded database and a sandbox that stands in for Instagram. Touches no real account."""
    from sandbox.demo.stage import Plan, perform

    # What the launcher has to say stands in the demo's log, too; only warnings interrupt the progress.
    logs.configure("WARNING", "console", process="launcher")
    raise SystemExit(perform(Plan(**wishes), hosted_stage if hosted else stage))


@contextmanager
def stage(instagram: str, data_dir: Path, log: Path) -> Iterator["Stage"]:
    """Rollcall as `up` runs it, but reading `instagram` without pauses and writing its log to a file."""
    with _staged(load({}, data_dir=data_dir, port=_demo_port()), {}, {}, instagram, log) as ready:
        yield ready


def _demo_port() -> int:
    """PORT where it is set, else the usual port or any free one; raises ConfigError where PORT is taken."""
    from shared.launcher import free_port

    if not ({"PORT", "PORT_FILE"} & os.environ.keys()):
        return free_port(8642)
    wished = load().port
    port = free_port(wished)
    if wished and port != wished:
        raise ConfigError(f"PORT={wished} is taken. Set another one, for example PORT={wished + 1}, or none.")
    return port


@contextmanager
def hosted_stage(instagram: str, data_dir: Path, log: Path) -> Iterator["Stage"]:
    """As `stage`, but hosted: people sign in at a stand-in of Supabase, which keeps the files and owns the database."""
    from sandbox.supabase.database import ask_for_passwords, database
    from sandbox.supabase.server import stand_in
    from shared.db import roles
    from shared.db.embedded import served

    port, below = _demo_port(), data_dir.parent / "supabase"
    public = f"http://127.0.0.1:{port}"
    with served(below) as server, database(server.url) as project_database:
        ask_for_passwords(server.url, below / "postgres", (roles.WEB, roles.WORKER))
        with stand_in(public, project_database) as project:
            settings = load({}, data_dir=data_dir, port=port, database_url=project_database.owner)
            web = {"SUPABASE_URL": project.url, "PUBLIC_URL": public}
            web |= {"SUPABASE_PUBLISHABLE_KEY": project.project.publishable_key}
            worker = {"SUPABASE_URL": project.url, "SUPABASE_SECRET_KEY": project.project.secret_key}
            with _staged(settings, web, worker, instagram, log, server.keep) as ready:
                yield replace(ready, mailed=project.mailed)


@contextmanager
def _staged(
    settings: Settings,
    of_web: Mapping[str, str],
    of_worker: Mapping[str, str],
    instagram: str,
    log: Path,
    keep: Callable[[], object] | None = None,
) -> Iterator["Stage"]:
    """The parts on a ready database, which `keep` starts again where it is not the house's own."""
    from sandbox.demo.stage import Stage
    from shared.launcher import house, part, running, supervise, wait_until_up
    from worker.browser.driver import playwrights_own
    from worker.browser.find import find, is_root

    browser = find(load().browser_path, playwrights_own())
    pace = {"PACE_SECONDS": "0", "PACE_JITTER_SECONDS": "0", "REQUESTS_PER_DAY": "0"}
    read = {"INSTAGRAM_BASE_URL": instagram, "BROWSER_PATH": str(browser), **pace}
    address = f"http://{settings.host}:{settings.port}"
    with log.open("wb") as output, house(settings) as ready:
        children = [
            part("web", {**ready.web_env, **of_web, **pace, "PORT": str(settings.port)}, output=output),
            part("worker", {**ready.worker_env, **of_worker, **read}, output=output),
        ]
        with running(children, grace=10):
            try:
                wait_until_up(f"{address}/healthz", children[0])
            except RollcallError:
                click.echo(log.read_text(encoding="utf-8", errors="replace"), err=True)
                raise
            yield Stage(address, browser, is_root(), lambda: supervise(children, keep=keep or ready.keep))


def _anybody_connected(url: str) -> bool:
    with psycopg.connect(url) as conn:
        return conn.execute("select from public.connections limit 1").fetchone() is not None


def _end_on_sigterm() -> None:
    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)


if __name__ == "__main__":
    main(prog_name="rollcall")
