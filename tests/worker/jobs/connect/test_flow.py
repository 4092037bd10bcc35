"""The flow of connecting with a platform and a browser of the test: the same for every way in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from playwright.async_api import BrowserContext, StorageState

from shared import errors
from shared.domain.social import PlatformId, ProfileFacts
from shared.errors import JobError
from tests.conftest import Personas
from tests.worker.handling import Live, Pool, Script, claim, services_for
from tests.worker.instagram import Owner
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.jobs.connect.connection import ConnectionContext
from worker.jobs.connect.cookies import CookieLogin
from worker.jobs.connect.credentials import CookieCredentials, FormCredentials, stored_text
from worker.jobs.connect.flow import begin, establish
from worker.jobs.connect.form import FormLogin
from worker.jobs.connect.manual import ManualLogin
from worker.jobs.connect.method import LoginMethod
from worker.jobs.connect.stored_password import StoredPasswordLogin
from worker.platforms.base import LiveSource, RateLimiter
from worker.platforms.instagram_web.cookies import DEVICE_COOKIES
from worker.platforms.login import Ask, LoginDetails

NAME = "alice.test"
DETAILS = LoginDetails(NAME, "canary password", "CANARYSECRET")
SCRIPT = Script(datetime(2026, 3, 1, tzinfo=UTC), ProfileFacts(PlatformId("1"), NAME))
COOKIES: list[dict[str, Any]] = [{"name": "sessionid", "value": "1%3Acanary", "domain": "127.0.0.1", "path": "/"}]
Make = Callable[..., UUID]
Methods = Callable[[ConnectionContext], LoginMethod]
METHODS: dict[str, Methods] = {
    "form": lambda connection: FormLogin(connection, FormCredentials(DETAILS, log_in_again=True)),
    "cookies": lambda _: CookieLogin(CookieCredentials(NAME, COOKIES), DEVICE_COOKIES),
    "manual": lambda connection: ManualLogin(connection, NAME, timedelta(minutes=1)),
    "stored password": StoredPasswordLogin,
}


class Context:
    """A browser context that is signed in."""

    pages: Sequence[object] = ("page",)

    async def storage_state(self) -> StorageState:
        device = {"name": "mid", "value": "known", "domain": "127.0.0.1", "path": "/"}
        return cast(StorageState, {"cookies": [*COOKIES, device], "origins": []})


@dataclass
class Browser:
    started: list[BrowserSession] = field(default_factory=list)

    @asynccontextmanager
    async def context(self, session: BrowserSession) -> AsyncIterator[BrowserContext]:
        self.started.append(session)
        yield cast(BrowserContext, Context())


@dataclass
class Site:
    """A platform of the test's own. `refusal` ends the login: in the form, else where the session is asked."""

    device_cookies = DEVICE_COOKIES
    refusal: JobError | None = None
    covered: list[str] = field(default_factory=list)
    typed: list[LoginDetails] = field(default_factory=list)

    async def sign_in(self, context: BrowserContext, details: LoginDetails, ask: Ask) -> None:
        self.typed.append(details)
        if self.refusal is not None:
            raise self.refusal

    async def open_login_page(self, context: BrowserContext) -> None:
        if self.refusal is not None:
            raise self.refusal

    def open_view(self, context: BrowserContext, session: BrowserSession, limiter: RateLimiter) -> LiveSource:
        if self.refusal is not None:
            raise self.refusal
        return Live(SCRIPT, session.to_secret())

    async def take_screenshot(self, context: BrowserContext, secrets: Sequence[str]) -> bytes | None:
        self.covered += secrets
        return b"a covered page"


@dataclass
class Desk:
    """Alice's profile with a LOGIN job that this process claimed."""

    connection: ConnectionContext
    owner: Owner
    site: Site
    browser: Browser

    def row(self, statement: str) -> dict[str, Any]:
        found = self.owner.execute(statement.encode()).fetchone()
        assert found is not None
        return found

    def states(self) -> tuple[str, str]:
        row = self.row(
            "select p.state as profile, c.state as connection"
            " from public.profiles p join public.connections c on c.profile_id = p.id"
        )
        return row["profile"], row["connection"]


@pytest.fixture
async def desk(worker_pool: Pool, owner: Owner, people: Personas, make_profile: Make, make_job: Make) -> Desk:
    profile = make_profile(people.alice, NAME, state="NEEDS_LOGIN", timezone="Asia/Tokyo")
    make_job(people.alice, profile, "LOGIN")
    site, browser = Site(), Browser()
    services = services_for(worker_pool)
    client = replace(services.client("instagram"), login=site)
    services = replace(services, platforms={client.name: client}, browser=cast(BrowserPool, browser))
    ctx = await claim(worker_pool)
    first = await begin(ctx, services)
    secrets = [first.encrypt("login_secret", stored_text(DETAILS)), first.encrypt("totp_secret", "CANARYSECRET")]
    owner.execute("update public.connections set login_secret = %s, totp_secret = %s", secrets)
    return Desk(await begin(ctx, services), owner, site, browser)


@pytest.mark.parametrize("way", METHODS)
async def test_every_way_in_ends_with_a_session_and_a_sync(way: str, desk: Desk) -> None:
    await establish(desk.connection, METHODS[way](desk.connection))
    assert desk.states() == ("CONNECTED", "ACTIVE")
    stored = desk.row("select external_id, timezone from public.profiles")
    assert stored == {"external_id": "1", "timezone": "Asia/Tokyo"}
    assert desk.row("select state from public.sync_jobs where kind = 'SYNC'") == {"state": "PENDING"}
    assert [session.timezone_id for session in desk.browser.started] == ["Asia/Tokyo"]
    assert desk.site.typed == ([DETAILS] if way in ("form", "stored password") else [])
    assert desk.owner.execute("select from public.login_screenshots").rowcount == 0


@pytest.mark.parametrize("way", METHODS)
async def test_every_way_in_that_fails_leaves_a_screenshot_without_its_secrets(way: str, desk: Desk) -> None:
    desk.site.refusal = errors.UnknownUser()
    with pytest.raises(errors.UnknownUser):
        await establish(desk.connection, METHODS[way](desk.connection))
    assert desk.owner.execute("select from public.login_screenshots").rowcount == 1
    assert desk.site.covered == [NAME, *(DETAILS.secrets if way in ("form", "stored password") else ())]


@pytest.mark.parametrize(
    ("way", "kept"), [("form", True), ("manual", True), ("stored password", True), ("cookies", False)]
)
async def test_the_device_is_remembered_unless_it_is_another_browsers(way: str, kept: bool, desk: Desk) -> None:
    desk.site.refusal = errors.UnknownUser()
    with pytest.raises(errors.UnknownUser):
        await establish(desk.connection, METHODS[way](desk.connection))
    device = (await begin(desk.connection.ctx, desk.connection.services)).device
    assert (device.cookie("mid"), device.cookie("sessionid")) == (None if way == "cookies" else "known", None)


@pytest.mark.parametrize("way", METHODS)
async def test_no_login_waits_for_a_limit(way: str, desk: Desk) -> None:
    until = datetime(2026, 3, 2, tzinfo=UTC)
    for limit, words in ((errors.RateLimited(until=until), None), (errors.BudgetSpent(until=until), "own limit")):
        desk.site.refusal = limit
        with pytest.raises(errors.LoginThrottled, match=words):
            await establish(desk.connection, METHODS[way](desk.connection))
    assert desk.row("select has_login_secret as yes from public.connections") == {"yes": True}


@pytest.mark.parametrize(
    ("error", "states"),
    [
        (errors.CheckpointRequired, ("CHALLENGED", "CHALLENGED")),
        (errors.Suspended, ("CHALLENGED", "CHALLENGED")),
        (errors.SuspectedAutomation, ("COOLING_DOWN", "COOLING_DOWN")),
        (errors.WrongPassword, ("CONNECTING", "PENDING")),
    ],
)
async def test_what_stops_a_login_is_written_down(error: type[JobError], states: tuple[str, str], desk: Desk) -> None:
    desk.site.refusal = error()
    with pytest.raises(error):
        await establish(desk.connection, METHODS["form"](desk.connection))
    assert desk.states() == states


@pytest.mark.parametrize(
    ("error", "words"),
    [(errors.UserAgentMismatch, "because another browser made"), (errors.SessionDead, "or it is over")],
)
async def test_cookies_that_are_not_taken_are_rejected(error: type[JobError], words: str, desk: Desk) -> None:
    desk.site.refusal = error()
    with pytest.raises(errors.LoginRejected, match=words):
        await establish(desk.connection, METHODS["cookies"](desk.connection))


@pytest.mark.parametrize(
    ("error", "is_kept", "alert"),
    [(errors.SiteFailed, True, False), (errors.LoginThrottled, True, True), (errors.WrongPassword, False, True)],
)
async def test_a_stored_password_is_erased_unless_the_fault_is_not_its_own(
    error: type[JobError], is_kept: bool, alert: bool, desk: Desk
) -> None:
    desk.site.refusal = error()
    with pytest.raises(error):
        await establish(desk.connection, METHODS["stored password"](desk.connection))
    assert desk.row("select has_login_secret as yes from public.connections") == {"yes": is_kept}
    told = desk.owner.execute("select from public.alerts where kind = 'login_failed'").rowcount
    assert told == int(alert)


async def test_a_profile_that_is_being_deleted_is_not_connected(desk: Desk) -> None:
    desk.owner.execute("update public.profiles set state = 'DELETING'")
    with pytest.raises(errors.NotConnected):
        await begin(desk.connection.ctx, desk.connection.services)
