"""`rollcall connect`: ways in that give Rollcall no password, for a person at the worker's machine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import click

from cli import local_token
from cli.local_login import PATIENCE, ConnectRequest, connect_account
from cli.local_token import GivenToken
from cli.plain import PlainGroup
from cli.terminal import database, quiet_settings
from shared.db.reach import with_password
from shared.domain import zones
from shared.domain.input.cookie_file import LARGEST_FILE, SiteCookie, cookies_in
from shared.domain.input.instagram_names import clean_username
from shared.environment import only_needed_variables
from shared.errors import ConfigError, InputError
from shared.settings import Settings

_WINDOW = """\
A browser window opens with Instagram's own login page. Log in there yourself, and answer whatever Instagram asks.
Rollcall types nothing there and never sees your password. It waits up to {minutes} minutes until Instagram knows you,
keeps the session encrypted, and then closes the window. Leave it open until this command says that it is done."""
_NO_WINDOW_LATER = """\
Rollcall is set to sync without a window, and a browser without one names itself differently. Instagram may take that
for another browser and end the session. With BROWSER_HEADLESS=false Rollcall uses the browser you log in with."""
_NOT_ELSEWHERE = """\
BROWSER_ENDPOINT is set: Rollcall syncs with a browser on another machine, and a window opens on this one only.
Instagram may take the two for different browsers and end the session."""
_NO_DISPLAY = """\
This machine has no display to open a window on. Run the command on a machine with one, over `ssh -X`, or log in to
Instagram in your own browser and import its cookies: `rollcall connect instagram --cookies FILE`."""
_ONE_WAY = "Choose one way: --headed, --cookies FILE, or --token-file FILE."
_OFFER = "IG_LONG_TOKEN is set. Take it over and connect its account?"
_ASKS = """\
Rollcall may ask on its pages, under Activity, whether a profile of that name is the same account: answer it there."""
_RISK = """\
Automated reading is against Instagram's terms, whichever way in is used: it may ask you to confirm that it is you,
limit the account, or in the worst case suspend it. Connect only an account that you own."""


@click.group(cls=PlainGroup)
def connect() -> None:
    """Connect an account without giving Rollcall its password."""


@connect.command()
@click.option("--headed", is_flag=True, help="Open a window and log in there yourself.")
@click.option(
    "--cookies",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Import the cookies of your own browser: Netscape's cookies.txt or JSON.",
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take over a long-lived token of Instagram Login that another program of your app got.",
)
@click.option("--username", help="The Instagram username; asked for if it is not given.")
@click.option("--email", help="The Rollcall account; not needed where there is only one.")
def instagram(
    headed: bool, cookies: Path | None, token_file: Path | None, username: str | None, email: str | None
) -> None:
    """Connect an Instagram account by a window, a cookie file or a token. Works while `rollcall up` runs.

    Without a way, it offers to take over the token in IG_LONG_TOKEN, where that is set.
    """
    if sum((headed, cookies is not None, token_file is not None)) > 1:
        raise click.UsageError(_ONE_WAY)
    if not headed and cookies is None:
        _by_token(_token(token_file), email)
    else:
        _by_session(headed, cookies, username, email)


def _token(file: Path | None) -> GivenToken:
    """The token of the file; without one, that of the environment, where the person wants it."""
    if file is not None:
        return GivenToken(local_token.token_of_file(file), timezone=local_timezone())
    text = local_token.token_of_environment(os.environ)
    if text is None:
        raise click.UsageError(_ONE_WAY)
    click.confirm(_OFFER, default=True, abort=True)
    return GivenToken(text, local_token.account_of_environment(os.environ), local_timezone())


def _by_token(token: GivenToken, email: str | None) -> None:
    settings = quiet_settings("connect")
    click.echo(_ASKS)
    with database(settings, "connect") as url:
        settings = replace(settings, database_url=with_password(url))
        with only_needed_variables():
            username = asyncio.run(_take_over(settings, local_token.TakeOver(token, email)))
    click.echo(f"@{username} is connected by its token. The first sync begins by itself as soon as Rollcall runs.")
    click.echo("Old daily figures come with `rollcall import-insights FILE.csv`.")


async def _take_over(settings: Settings, request: local_token.TakeOver) -> str:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    return await local_token.take_over(settings, request, stop)


def _by_session(headed: bool, cookies: Path | None, username: str | None, email: str | None) -> None:
    settings = quiet_settings("connect")
    if headed:
        require_display(os.environ, sys.platform)
        if settings.browser_headless:
            click.echo(_NO_WINDOW_LATER)
        if settings.browser_endpoint is not None:
            click.echo(_NOT_ELSEWHERE)
        settings = replace(settings, browser_headless=False, browser_endpoint=None)
    given = read_cookies(cookies, settings, datetime.now(UTC)) if cookies else None
    request = ConnectRequest(_name(username), email, given, local_timezone())
    click.echo(_RISK)
    if headed:
        click.echo(_WINDOW.format(minutes=round(PATIENCE.total_seconds() / 60)))
    with database(settings, "connect") as url:
        settings = replace(settings, database_url=with_password(url))
        with only_needed_variables():
            asyncio.run(_connect(settings, request))
    click.echo(f"@{request.username} is connected. The first sync begins by itself as soon as Rollcall runs.")


async def _connect(settings: Settings, request: ConnectRequest) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    await connect_account(settings, request, stop)


def require_display(environ: Mapping[str, str], platform: str) -> None:
    """Raises ConfigError where no window can be opened, and says what to do instead."""
    if platform.startswith("linux") and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        raise ConfigError(_NO_DISPLAY)


def read_cookies(path: Path, settings: Settings, now: datetime) -> tuple[SiteCookie, ...]:
    """The site's own cookies in a file; raises InputError with the file's fault."""
    with path.open("rb") as file:
        raw = file.read(LARGEST_FILE + 1)
    return cookies_in(raw, urlsplit(settings.instagram_base_url).hostname or "", now)


def local_timezone() -> str:
    """This machine's time zone by its name; UTC without a known one."""
    try:
        linked = os.readlink("/etc/localtime").partition("zoneinfo/")[2]
    except OSError:
        linked = ""
    name = os.environ.get("TZ", "").removeprefix(":") or linked
    return name if name in zones.names() else zones.UTC_NAME


def _name(given: str | None) -> str:
    username = clean_username(given or click.prompt("Instagram username"))
    if username is None:
        raise InputError("This is no Instagram username.", next_step="Enter the name after instagram.com/.")
    return username
