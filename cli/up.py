"""`rollcall up`: database, web and worker on this machine."""

import os
import signal
from types import FrameType

import click
import psycopg

from cli.ops.launcher import free_port, house, part, require_free, running, supervise, wait_until_up
from cli.terminal import TOKEN
from shared import logs
from shared.domain.input.hosts import Host
from shared.settings import load

RISKS = """\
Before you connect an account by its login, know what that means:
  * Automated reading is against Instagram's terms of use, also of your own account. Instagram may ask you to confirm
    that it is you, log the account out, limit it for a while, or in the worst case suspend it.
  * Rollcall drives a plain browser, slowly, reads only, and stops when Instagram asks it to. That lowers the risk; it
    does not remove it. Connect only an account that you own.
  * Your password is used once and not stored; the session is stored encrypted, on this machine.
One way in carries no such risk: the data download that Instagram gives you as a file (`rollcall import`, or the page
to connect an account). Another is Instagram's official API, for business and creator accounts.
"""
TAKE_OVER = "IG_LONG_TOKEN is set: `rollcall connect instagram`, in another terminal, takes over its account."


@click.command()
def up() -> None:
    """Run everything on this machine: database, web and worker, against the real Instagram."""
    settings = load()
    host, number = Host.parse(settings.host), settings.port or free_port(0)
    require_free(host.listen, number)
    logs.configure(settings.log_level, settings.log_format, process="launcher")
    _end_on_sigterm()
    try:
        with house(settings) as ready:
            if not _anybody_connected(ready.owner_url):
                click.echo(RISKS)
            if TOKEN in os.environ and not _reads_by_token(ready.owner_url):
                click.echo(TAKE_OVER)
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


def _anybody_connected(url: str) -> bool:
    with psycopg.connect(url) as conn:
        return conn.execute("select from public.connections limit 1").fetchone() is not None


def _reads_by_token(url: str) -> bool:
    with psycopg.connect(url) as conn:
        return conn.execute("select from public.connections where method = 'instagram_login'").fetchone() is not None


def _end_on_sigterm() -> None:
    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
