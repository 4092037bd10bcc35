"""Ways in that give Rollcall no password: a window where the person logs in, and the cookies of their own browser."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.async_api import BrowserContext, Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeoutError

from cli.connect import local_timezone, read_cookies, require_display
from cli.local_login import ConnectRequest, connect_account
from sandbox.instagram.faults import Fault, FaultKind, Where
from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.login.logged_out import LoggedOut
from sandbox.server import Running
from shared.domain.input.cookie_file import cookies_of
from shared.errors import ConfigError, InputError
from shared.settings import Settings
from shared.vault import KeyRing
from tests.conftest import Personas
from tests.worker.instagram import Desk, Owner, Pool, services_for, settings_for, stand_in
from tests.worker.jobs.connect.test_login import everything, stored_session
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.services import Services

pytestmark = pytest.mark.slow
NOT_TAKEN = "Instagram refuses these cookies: another browser made their session, or it is over."
OTHER_BROWSER = "Instagram refuses these cookies because another browser made their session."
TIED = (
    "Instagram ties a session to the browser that made it, and Rollcall does not pretend to be another browser."
    " Connect by the login form instead, or in a window: `rollcall connect instagram --headed`,"
    " with BROWSER_HEADLESS=false."
)
RING = KeyRing.generate(datetime(2026, 1, 1, tzinfo=UTC))


class Windows(BrowserPool):
    """A browser whose windows the test can reach, as a person can."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.opened: asyncio.Queue[BrowserContext] = asyncio.Queue()

    @asynccontextmanager
    async def context(self, session: BrowserSession) -> AsyncIterator[BrowserContext]:
        async with super().context(session) as context:
            self.opened.put_nowait(context)
            yield context


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Windows]:
    pool = Windows(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:
    running = stand_in(TwoFactor.TOTP)
    yield running
    running.stop()


@pytest.fixture
def connect(
    worker_pool: Pool, browser: Windows, site: Running, people: Personas, owner: Owner
) -> Callable[..., Awaitable[Desk]]:
    """connect(**request): what `rollcall connect` does for Alice; returns her profile."""
    settings = settings_for(site.url)

    @asynccontextmanager
    async def services_of(_: Settings, __: int) -> AsyncIterator[Services]:
        yield services_for(worker_pool, browser, settings, RING)

    async def run(**request: Any) -> Desk:
        while not browser.opened.empty():
            browser.opened.get_nowait()
        given = {
            "username": site.credentials.username,
            "email": "alice@example.org",
            "timezone": "Asia/Tokyo",
            **request,
        }
        await connect_account(settings, ConnectRequest(**given), asyncio.Event(), services_of)
        (row,) = owner.execute("select id from public.profiles where user_id = %s", (people.alice,)).fetchall()
        return Desk(services_for(worker_pool, browser, settings, RING), owner, people.alice, row["id"])

    return run


async def login_page(browser: Windows) -> Page:
    """The window's page, with Instagram's form on it."""
    context = await browser.opened.get()
    while not context.pages:
        await asyncio.sleep(0.05)
    page = context.pages[0]
    await page.locator('input[name="pass"]').wait_for(timeout=240_000)
    return page


async def by_hand(browser: Windows, site: Running) -> None:
    """What the person does in the window: the password, and the code of their own authenticator."""
    page, known = await login_page(browser), site.credentials
    cookies = page.get_by_role("button", name="Decline optional cookies")
    if await cookies.is_visible():
        await cookies.click()
    await page.locator('input[name="email"]').fill(known.username)
    await page.locator('input[name="pass"]').fill(known.password)
    await sent(page, page.locator('input[name="pass"]'))
    code = page.locator('input[name="verificationCode"]')
    await code.wait_for(timeout=240_000)
    await code.fill(site.site.account.current_totp() or "")
    await sent(page, code)


async def sent(page: Page, field: Locator) -> None:
    """Presses Enter until the form is sent: the key has no effect before the page's script listens."""
    for _ in range(24):
        try:
            async with page.expect_request(lambda request: request.method == "POST", timeout=10_000):
                await field.press("Enter")
        except PlaywrightTimeoutError:
            continue
        return
    raise AssertionError("the form was never sent")


def cookie_text(site: Running, agent: str) -> str:
    """The cookies that a person's own browser has for the site, as an extension writes them."""
    account = site.site.account
    values = {"sessionid": site.site.sessions.open(account.user_id, agent), "ds_user_id": str(account.user_id)}
    values |= {"csrftoken": "c5rf-canary", "mid": "mid-of-that-browser"}
    return json.dumps([{"name": k, "value": v, "domain": "127.0.0.1", "path": "/"} for k, v in values.items()])


def cookies(site: Running, agent: str) -> Any:
    return cookies_of(cookie_text(site, agent), "127.0.0.1", datetime.now(UTC))


async def own_agent(browser: Windows) -> str:
    async with browser.context(BrowserSession()) as context:
        agent: str = await (await context.new_page()).evaluate("navigator.userAgent")
        return agent


async def test_a_person_logs_in_by_hand_and_the_same_device_does_so_again(
    connect: Callable[..., Awaitable[Desk]], browser: Windows, site: Running, owner: Owner, capfd: Any
) -> None:
    _, desk = await asyncio.gather(by_hand(browser, site), connect())
    profile, connection = desk.profile(), desk.connection()
    assert (profile["state"], profile["external_id"], profile["timezone"]) == (
        "CONNECTED",
        site.credentials.user_id,
        "Asia/Tokyo",
    )
    assert (connection["state"], connection["login_secret"]) == ("ACTIVE", None)
    assert connection["checked_at"] is not None
    jobs = owner.execute("select kind, state, sealed from public.sync_jobs order by seq").fetchall()
    assert jobs == [
        {"kind": "LOGIN", "state": "COMPLETED", "sealed": None},
        {"kind": "SYNC", "state": "PENDING", "sealed": None},
    ]
    first = await stored_session(desk)
    owner.execute("update public.profiles set timezone = 'Europe/Berlin'")
    _, desk = await asyncio.gather(by_hand(browser, site), connect())
    again = await stored_session(desk)
    assert again.cookie("sessionid") != first.cookie("sessionid")
    for name in ("mid", "ig_did", "datr"):
        assert again.cookie(name) == first.cookie(name)
    assert (again.timezone_id, again.locale, again.viewport) == (first.timezone_id, first.locale, first.viewport)
    written = capfd.readouterr()
    for secret in (site.credentials.password, first.cookie("sessionid"), first.cookie("mid")):
        assert secret
        assert secret not in written.out + written.err + everything(owner)


async def test_a_window_that_is_closed_or_left_alone_ends_with_a_sentence(
    connect: Callable[..., Awaitable[Desk]], browser: Windows, owner: Owner
) -> None:
    async def close() -> None:
        await (await login_page(browser)).close()

    async def run() -> None:
        await connect()

    with pytest.raises(InputError, match="closed before you had logged in"):
        await asyncio.gather(run(), close())
    assert owner.execute("select from public.login_screenshots").rowcount == 0, "nothing is left to be seen"
    with pytest.raises(InputError, match="No one logged in within 0 minutes"):
        await connect(patience=timedelta(milliseconds=100))
    assert owner.execute("select from public.login_screenshots").rowcount == 1
    rows = owner.execute("select state, error_code from public.sync_jobs").fetchall()
    assert rows == [{"state": "FAILED", "error_code": "nobody_answered"}] * 2


@pytest.mark.parametrize(
    ("status", "code"), [(429, "login_throttled"), (503, "site_failed"), (403, "unexpected_answer")]
)
async def test_a_window_whose_login_page_is_refused_says_so_at_once(
    status: int, code: str, connect: Callable[..., Awaitable[Desk]], site: Running, owner: Owner
) -> None:
    site.site.faults.add(Fault(FaultKind.BARE, Where.PAGE, 1, status, 0))
    with pytest.raises(InputError):
        await connect()
    assert owner.execute("select error_code from public.sync_jobs").fetchall() == [{"error_code": code}]


async def test_cookies_of_the_same_browser_connect_as_the_form_does_and_stand_nowhere(
    connect: Callable[..., Awaitable[Desk]], browser: Windows, site: Running, owner: Owner, capfd: Any, caplog: Any
) -> None:
    caplog.set_level("DEBUG")
    brought = cookies(site, await own_agent(browser))
    desk = await connect(cookies=brought)
    assert (desk.profile()["state"], desk.connection()["state"]) == ("CONNECTED", "ACTIVE")
    waiting = desk.row("select state from public.sync_jobs where kind = 'SYNC'")
    assert waiting["state"] == "PENDING"
    kept = await stored_session(desk)
    assert (kept.timezone_id, kept.cookie("mid")) == ("Asia/Tokyo", "mid-of-that-browser")
    written = capfd.readouterr()
    said = caplog.text + written.out + written.err + everything(owner) + repr(brought) + repr(kept)
    for cookie in brought:
        if cookie.name != "ds_user_id":
            assert cookie.value not in said


async def test_the_web_hands_cookies_over_as_it_does_a_password(
    worker_pool: Pool,
    browser: Windows,
    site: Running,
    people: Personas,
    owner: Owner,
    make_profile: Callable[..., UUID],
) -> None:
    settings, name = settings_for(site.url), site.credentials.username
    profile = make_profile(people.alice, name, state="CONNECTING")
    desk = Desk(services_for(worker_pool, browser, settings, RING), owner, people.alice, profile)
    brought = [cookie.to_json() for cookie in cookies(site, await own_agent(browser))]
    desk.send({"username": name, "cookies": brought})
    job = await desk.run()
    assert (job["state"], job["error_code"], job["sealed"]) == ("COMPLETED", None, None)
    assert desk.profile()["state"] == "CONNECTED"


async def test_a_session_that_the_site_does_not_take_says_why(
    connect: Callable[..., Awaitable[Desk]], browser: Windows, site: Running, people: Personas, owner: Owner
) -> None:
    agent = await own_agent(browser)
    for brought, refusal in (
        (cookies(site, "another browser"), f"{NOT_TAKEN} {TIED}"),
        (cookies(site, agent), f"{OTHER_BROWSER} {TIED}"),
    ):
        # The second is refused by the site's data call, which names the reason, as its pages do not.
        if refusal.startswith(OTHER_BROWSER):
            site.site.faults.add(Fault(FaultKind.LOGGED_OUT, Where.JSON, 1, 0, 0, LoggedOut.USER_AGENT))
        with pytest.raises(InputError) as said:
            await connect(cookies=brought)
        assert said.value.message == refusal
        assert owner.execute("select secret, login_secret, totp_secret from public.connections").fetchall() == [
            {"secret": None, "login_secret": None, "totp_secret": None}
        ]
    dead = cookies(site, agent)
    site.site.sessions.drop_all()
    with pytest.raises(InputError, match="or it is over"):
        await connect(cookies=dead)
    with pytest.raises(InputError, match="a different account than the one you entered"):
        await connect(cookies=cookies(site, agent), username="someone.else")
    assert owner.execute("select secret from public.connections where state = 'ACTIVE'").fetchall() == []


async def test_who_it_is_for_has_to_be_known_and_nothing_else_may_drive_the_session(
    connect: Callable[..., Awaitable[Desk]],
    site: Running,
    people: Personas,
    make_job: Callable[..., UUID],
    make_profile: Callable[..., UUID],
    owner: Owner,
) -> None:
    with pytest.raises(InputError, match="No Rollcall account has this e-mail"):
        await connect(email="nobody@example.org")
    with pytest.raises(InputError, match="--email"):
        await connect(email=None)
    profile = make_profile(people.alice, site.credentials.username)
    job = make_job(people.alice, profile, "SYNC")
    owner.execute(
        "update public.sync_jobs set state = 'RUNNING', fence = 1, claim_no = 1,"
        " lease_until = now() + interval '1 hour' where id = %s",
        (job,),
    )
    with pytest.raises(InputError, match="working on @"):
        await connect()
    owner.execute("update public.profiles set cooldown_until = now() + interval '1 day'")
    with pytest.raises(InputError, match="cool-down"):
        await connect()


def test_without_a_display_the_other_way_is_named() -> None:
    with pytest.raises(ConfigError, match="--cookies FILE"):
        require_display({}, "linux")
    require_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    require_display({}, "darwin")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig", "latin-1"])
def test_the_command_reads_a_cookie_file_of_any_encoding(encoding: str, tmp_path: Path) -> None:
    rows = (
        ".shop.example.org\tTRUE\t/\tFALSE\t1900000000\tplace\tK\u00f6ln",
        "#HttpOnly_127.0.0.1\tFALSE\t/\tTRUE\t1900000000\tsessionid\t77%3Aabc  ",
    )
    path = tmp_path / "cookies.txt"
    path.write_bytes("\r\n".join(rows).encode(encoding))
    (session,) = read_cookies(path, settings_for("http://127.0.0.1:9"), datetime(2026, 3, 1, tzinfo=UTC))
    assert (session.name, session.value) == ("sessionid", "77%3Aabc")


def test_the_machines_time_zone_is_taken_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Europe/Berlin")
    assert local_timezone() == "Europe/Berlin"
    monkeypatch.setenv("TZ", "CET-1CEST")
    assert local_timezone() == "UTC"
