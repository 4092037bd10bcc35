"""``rollcall sandbox``: serve a stand-in until told to stop."""

import json
import signal
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType

import click

from sandbox.google import server as google_server
from sandbox.google.oauth.clients import Client
from sandbox.google.people import open_account
from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.site import KnownDevice, LoginForm, TwoStep
from sandbox.meta import server as meta_server
from sandbox.meta.apps import MetaApp
from sandbox.meta.people import open_person
from sandbox.server import Config, start
from sandbox.tiktok import server as tiktok_server
from sandbox.tiktok.keys import TikTokApp
from sandbox.tiktok.people import open_person as open_tiktok_person
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.world import DEFAULT_START, World, WorldConfig

_COUNT = click.IntRange(min=0)
_APPS: dict[str, type[Client] | type[MetaApp] | type[TikTokApp]] = {
    "redirect_uris": Client,
    "meta_uris": MetaApp,
    "tiktok_uris": TikTokApp,
}


class _IsoTime(click.ParamType[datetime]):
    name = "ISO time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return an aware time; a value without an offset is taken as UTC."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no ISO time such as 2026-03-02T09:00:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _registrable(context: click.Context, option: click.Parameter, uris: tuple[str, ...]) -> tuple[str, ...]:
    """Return redirect URIs that the provider takes."""
    try:
        for uri in uris:
            _APPS[option.name or ""]().allow(uri)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return uris


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--seed", default=7, show_default=True, help="The same seed and the same advances give the same world.")
@click.option("--followers", type=_COUNT, default=5000, show_default=True)
@click.option("--following", type=_COUNT, default=400, show_default=True)
@click.option("--posts", type=_COUNT, default=60, show_default=True, help="Posts at the start; 0 stays 0.")
@click.option(
    "--two-factor", type=click.Choice(TwoFactor, case_sensitive=False), default=TwoFactor.TOTP, show_default=True
)
@click.option(
    "--login-form", type=click.Choice(LoginForm, case_sensitive=False), default=LoginForm.RENAMED, show_default=True
)
@click.option(
    "--known-device",
    type=click.Choice(KnownDevice, case_sensitive=False),
    default=KnownDevice.NONE,
    show_default=True,
    help="What a device that logged in before is shown instead of the form.",
)
@click.option(
    "--two-step",
    type=click.Choice(TwoStep, case_sensitive=False),
    default=TwoStep.LEGACY,
    show_default=True,
    help="Which of the two-factor pages is served.",
)
@click.option("--no-ds-user-id", is_flag=True, help="A login leaves the ds_user_id cookie out.")
@click.option("--username", default=None, help="Made from the seed unless given.")
@click.option("--start", "begins", type=_IsoTime(), default=DEFAULT_START, help="Where the calendar starts.")
@click.option("--private/--public", default=False, show_default=True)
@click.option(
    "--google",
    "redirect_uris",
    metavar="REDIRECT_URI",
    multiple=True,
    callback=_registrable,
    help="Serve Google over the same world too, to a client that may be called back there.",
)
@click.option(
    "--meta",
    "meta_uris",
    metavar="REDIRECT_URI",
    multiple=True,
    callback=_registrable,
    help="Serve Instagram Login and the Graph API over the same world too, to an app that may be called back there.",
)
@click.option(
    "--tiktok",
    "tiktok_uris",
    metavar="REDIRECT_URI",
    multiple=True,
    callback=_registrable,
    help="Serve TikTok over the same world too, to an app that may be called back there.",
)
def sandbox(
    port: int,
    host: str,
    seed: int,
    followers: int,
    following: int,
    posts: int,
    two_factor: TwoFactor,
    login_form: LoginForm,
    known_device: KnownDevice,
    two_step: TwoStep,
    no_ds_user_id: bool,
    username: str | None,
    begins: datetime,
    private: bool,
    redirect_uris: tuple[str, ...],
    meta_uris: tuple[str, ...],
    tiktok_uris: tuple[str, ...],
) -> None:
    """Serve an Instagram stand-in; print one JSON line when it is ready, and serve until SIGTERM or SIGINT."""
    stopped = _stop_signal()
    world = WorldConfig(seed, followers, following, posts, username, begins, private)
    running = start(Config(world, two_factor, login_form, host, port, known_device, two_step, no_ds_user_id))
    google = _google(running.site.world, redirect_uris, host) if redirect_uris else None
    meta = _meta(running.site.world, meta_uris, host) if meta_uris else None
    settings = {"google": google.environment()} if google else {}
    settings |= {"meta": meta.environment()} if meta else {}
    tiktok = _tiktok(running.site.world, tiktok_uris, host) if tiktok_uris else None
    settings |= {"tiktok": tiktok.environment()} if tiktok else {}
    click.echo(json.dumps(running.credentials.as_json() | settings))
    stopped.wait()
    for served in (running, google, meta, tiktok):
        if served:
            served.stop()


def _google(world: World, redirect_uris: Sequence[str], host: str) -> google_server.Running:
    """Return Google's stand-in for the person of this world."""
    client = Client(redirect_uris=set(redirect_uris))
    return google_server.start_with([open_account(world, (ChannelConfig(),))], client, host=host)


def _meta(world: World, redirect_uris: Sequence[str], host: str) -> meta_server.Running:
    """Return Meta's stand-in for the account of this world and the person's Page."""
    app = MetaApp(redirect_uris=set(redirect_uris))
    return meta_server.start_with([open_person(world)], app, host)


def _tiktok(world: World, redirect_uris: Sequence[str], host: str) -> tiktok_server.Running:
    """Return TikTok's stand-in for the person of this world."""
    app = TikTokApp(redirect_uris=set(redirect_uris))
    return tiktok_server.start_with([open_tiktok_person(world)], app, host)


def _stop_signal() -> threading.Event:
    """Return what is set once the process is asked to end."""
    stopped = threading.Event()

    def note(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    return stopped


if __name__ == "__main__":
    sandbox()
