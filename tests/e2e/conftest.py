"""A whole Rollcall as `rollcall demo` runs it: real processes, a real browser, the stand-in over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Page
from psycopg.rows import dict_row

from cli.ops.launcher import free_port, house, part, running, wait_until_up
from sandbox.demo.channel import connect
from sandbox.demo.person import Person, browser
from sandbox.demo.truth import ChannelWorld, World
from sandbox.google import server as google_server
from sandbox.google.oauth.clients import Client
from sandbox.instagram.login.account import TwoFactor
from sandbox.meta import server as meta_server
from sandbox.meta.apps import MetaApp
from sandbox.meta.people import open_person
from sandbox.server import Config, Running, start
from sandbox.tiktok import server as tiktok_server
from sandbox.tiktok.keys import TikTokApp
from sandbox.world.channel.channel import ChannelConfig
from sandbox.world.clips.profile import ProfileConfig
from sandbox.world.world import World as LivingWorld
from sandbox.world.world import WorldConfig
from shared.settings import load
from worker.browser import switches
from worker.browser.driver import playwrights_own
from worker.browser.find import find, is_root

OPERATOR, OPERATORS_TOKEN = "operator@example.org", "canary-operators-session-2c9d"
EMAIL, PASSWORD = "alice@example.org", "canary-rollcall-password-7f3a"


@dataclass(frozen=True)
class Whole:
    """Everything that runs: where the pages are, the owner's database address, the log, and the world outside.

    `google`, `meta` and `tiktok` have calendars of their own, which began some days ago.
    """

    address: str
    owner_url: str
    log: Path
    sandbox: Running
    world: World
    google: google_server.Running
    meta: meta_server.Running
    tiktok: tiktok_server.Running


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("whole")
    outside = start(Config(WorldConfig(followers=400, following=60, posts=30), TwoFactor.SMS))
    settings = load({}, data_dir=folder / "data", port=free_port(0))
    address, log = f"http://127.0.0.1:{settings.port}", folder / "log"
    google, meta, tiktok = google_of(address), meta_of(address), tiktok_of(address)
    pace = {"PACE_SECONDS": "0", "PACE_JITTER_SECONDS": "0", "REQUESTS_PER_DAY": "0"}
    shown, read = {"OPERATORS": OPERATOR}, {"INSTAGRAM_BASE_URL": outside.url, **pace}
    for official in (google, meta, tiktok):
        shown |= official.web_environment()
        read |= official.environment()
    with log.open("wb") as output, house(settings) as ready:
        _sign_operator_in(ready.owner_url)
        children = [
            part("web", {**ready.web_env, **pace, **shown, "PORT": str(settings.port)}, output=output),
            part("worker", {**ready.worker_env, **read, "LOG_LEVEL": "DEBUG"}, output=output),
        ]
        with running(children, grace=10):
            wait_until_up(f"{address}/healthz", children[0])
            world = World(outside.url, outside.credentials.username)
            yield Whole(address, ready.owner_url, log, outside, world, google, meta, tiktok)
    tiktok.stop()
    meta.stop()
    google.stop()
    outside.stop()


def google_of(address: str) -> google_server.Running:
    """Google with one person, who has two channels, and with Rollcall at this address as its client."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=5)
    world = WorldConfig(followers=0, following=0, posts=0, start=begins)
    channels = (ChannelConfig(videos=70), ChannelConfig(number=2, videos=3, age_days=30))
    client = Client(redirect_uris={f"{address}/api/auth/google/callback"})
    person = google_server.PersonConfig(world, channels)
    return google_server.start(google_server.Config((person,), (client,)))


def meta_of(address: str) -> meta_server.Running:
    """Meta with one person's two accounts, professional for 40 days, each with a page, and with Rollcall as its app."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=5)
    worlds = [
        WorldConfig(followers=300, following=20, posts=30, start=begins, username="by.the.api"),
        WorldConfig(seed=8, followers=120, following=9, posts=8, start=begins, username="by.the.page"),
    ]
    person, other = (open_person(LivingWorld(world)) for world in worlds)
    person.accounts += other.accounts
    person.pages += other.pages
    for account in person.accounts:
        account.professional_since = begins - timedelta(days=40)
    back = {f"{address}/api/auth/{provider}/callback" for provider in ("instagram", "facebook")}
    return meta_server.start_with([person], MetaApp(redirect_uris=back))


def tiktok_of(address: str) -> tiktok_server.Running:
    """TikTok with one account, and with Rollcall at this address as its desktop app."""
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=5)
    world = WorldConfig(followers=0, following=0, posts=0, start=begins, username="on.tiktok")
    app = TikTokApp(redirect_uris={f"{address}/api/auth/tiktok/callback"})
    return tiktok_server.start(tiktok_server.Config((world,), ProfileConfig(), app))


def _sign_operator_in(owner_url: str) -> None:
    """The account that OPERATORS names, there before the web is, and a session of it."""
    with psycopg.connect(owner_url) as conn:
        made = conn.execute(
            "insert into auth.users (email, encrypted_password) values (%s, '-') returning id", (OPERATOR,)
        ).fetchone()
        assert made is not None
        digest = sha256(OPERATORS_TOKEN.encode()).digest()
        conn.execute("select rollcall.session_open(%s, %s, '1 day', 'test', null)", (made[0], digest))


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with browser(find(None, playwrights_own()), switches.LOCAL, as_root=is_root()) as opened:
        yield opened


@dataclass(frozen=True)
class Connected:
    """Alice with her profile: connected, read, seven days later read again."""

    person: Person
    profile: str
    code: str


@pytest.fixture(scope="module")
def alice(whole: Whole, page: Page) -> Connected:
    person, login = Person(page, whole.address), whole.sandbox.credentials
    codes: list[str] = []

    def answer() -> str:
        codes.append(whole.world.code())
        return codes[-1]

    person.sign_up(EMAIL, PASSWORD)
    profile = person.connect(login.username, login.password, answer)
    person.sync(profile)
    for _ in range(7):
        whole.world.advance(days=1)
        person.sync(profile)
    return Connected(person, profile, codes[0])


@dataclass(frozen=True)
class Watched:
    """A person whose channel is connected and synced for the first time, and the truth about it."""

    person: Person
    profile: str
    world: ChannelWorld
    owner_url: str

    def rows(self, statement: str) -> list[dict[str, Any]]:
        """What the store has; a statement names the profile as %(profile)s."""
        with psycopg.connect(self.owner_url, row_factory=dict_row) as conn:
            return conn.execute(statement.encode(), {"profile": self.profile}).fetchall()

    def owner(self, statement: str) -> None:
        """Changes what waits for a clock."""
        with psycopg.connect(self.owner_url) as conn:
            conn.execute(statement.encode())

    def truth(self) -> dict[str, Any]:
        """The truth with every day of the channel."""
        return self.world.truth(date.min)


@pytest.fixture(scope="module")
def watched(whole: Whole, page: Page) -> Iterator[Watched]:
    """Another person than Alice, with a browser session of their own."""
    assert page.context.browser is not None
    context = page.context.browser.new_context(accept_downloads=True)
    person = Person(context.new_page(), whole.address)
    person.sign_up(f"yvonne-{token_hex(4)}@example.org", PASSWORD)
    profile = connect(person)
    channel = whole.google.google.channels()[0]
    yield Watched(person, profile, ChannelWorld(whole.google.url, channel.id), whole.owner_url)
    context.close()
