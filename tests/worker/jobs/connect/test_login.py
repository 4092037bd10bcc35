"""Connecting an account: every way in, every refusal, and what is left behind by each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
import pytest
from playwright.async_api import Browser, BrowserContext

from sandbox.instagram.faults import FaultKind
from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.site import Door, LoginForm, TwoStep
from sandbox.server import Running
from shared.domain.jobs import CodeMethod, InputRequest, JobKind
from shared.errors import NobodyAnswered
from shared.store.users import data_keys
from shared.vault import Place
from tests.conftest import Personas
from tests.said import error_said
from tests.worker.handling import claim
from tests.worker.instagram import Desk, Owner, Pool, services_for, settings_for, stand_in, trouble
from worker.browser import pool
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.jobs.sync import everything as sync
from worker.platforms.base import SessionSecret
from worker.platforms.instagram_web.cookies import account_id

pytestmark = pytest.mark.slow
Seat = Callable[..., Desk]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture
def open_site() -> Iterator[Callable[..., Running]]:
    """open_site(two_factor, form, **world): a stand-in that stops with the test."""
    opened: list[Running] = []

    def open_one(two_factor: TwoFactor = TwoFactor.NONE, form: LoginForm = LoginForm.RENAMED, **world: Any) -> Running:
        opened.append(stand_in(two_factor, form, **world))
        return opened[-1]

    yield open_one
    for site in opened:
        site.stop()


@pytest.fixture
def seat(
    worker_pool: Pool, browser: BrowserPool, owner: Owner, people: Personas, make_profile: Callable[..., UUID]
) -> Seat:
    """seat(site, **settings): Alice with a profile of the site's account that is not connected yet."""

    def sit(site: Running, pool: BrowserPool | None = None, **changes: Any) -> Desk:
        settings = settings_for(site.url, **changes)
        profile_id = make_profile(people.alice, site.credentials.username, state="CONNECTING", timezone="Asia/Tokyo")
        return Desk(services_for(worker_pool, pool or browser, settings), owner, people.alice, profile_id)

    return sit


def code(value: str | None) -> Callable[[InputRequest], dict[str, str]]:
    assert value is not None
    return lambda _: {"code": value}


async def stored_session(desk: Desk) -> BrowserSession:
    async with desk.services.pool.connection() as conn:
        key = await data_keys.data_key(conn, desk.services.keyring, desk.user_id)
    row = desk.connection()
    text = key.decrypt(row["secret"], Place("connections", "secret", desk.user_id, row["id"])).decode()
    return BrowserSession.from_secret(SessionSecret(text))


@pytest.mark.parametrize("form", list(LoginForm))
async def test_each_form_of_the_login_leads_in(form: LoginForm, open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site(form=form)
    desk = seat(site)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"], job["sealed"]) == ("COMPLETED", None, None)
    profile = desk.profile()
    assert (profile["state"], profile["external_id"]) == ("CONNECTED", site.credentials.user_id)
    assert (profile["followers"], profile["observed_at"].isoformat()) == (60, site.site.calendar_iso())
    due = desk.row("select next_at from public.schedules where kind = 'SYNC_FOLLOWERS'")
    assert due["next_at"] is not None
    assert desk.connection()["state"] == "ACTIVE"
    waiting = desk.row(
        "select kind, state from public.sync_jobs where profile_id = %s and kind <> 'LOGIN'", desk.profile_id
    )
    assert waiting == {"kind": "SYNC", "state": "PENDING"}


async def test_a_given_authenticator_secret_answers_by_itself_and_serves_the_next_login_too(
    open_site: Callable[..., Running], seat: Seat
) -> None:
    site = open_site(TwoFactor.TOTP)
    desk, known = seat(site), site.credentials
    desk.enter(known.username, known.password, known.totp_secret)
    assert (await desk.run())["state"] == "COMPLETED"
    first = await stored_session(desk)
    desk.enter(known.username, known.password)
    assert (await desk.run())["state"] == "COMPLETED"
    again = await stored_session(desk)
    assert again.cookie("sessionid") != first.cookie("sessionid")
    for device_cookie in ("mid", "ig_did", "datr"):
        assert again.cookie(device_cookie) == first.cookie(device_cookie)
    assert (again.timezone_id, again.locale, again.viewport) == ("Asia/Tokyo", first.locale, first.viewport)


# The page shows its warning a second after the call that refused the code, or where the next one is sent before that,
# whose call is slow then.
_LATE_WARNING = """
    const now = Element.prototype.replaceChildren, ask = window.fetch;
    let slow = false;
    window.fetch = async (...asked) => {
        if (slow) await new Promise((done) => setTimeout(done, 1000));
        return ask(...asked);
    };
    Element.prototype.replaceChildren = function (...shown) {
        if (this.id !== "alert" || !shown.length) return now.apply(this, shown);
        const show = () => now.apply(this, shown);
        const timer = setTimeout(() => { removeEventListener("submit", early, true); show(); }, 1000);
        const early = () => { clearTimeout(timer); slow = true; show(); };
        addEventListener("submit", early, { capture: true, once: true });
    };
"""


async def test_a_warning_that_comes_late_is_not_taken_for_the_answer_to_the_next_code(
    open_site: Callable[..., Running], seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = pool._new_context

    async def with_late_warning(browser: Browser, session: BrowserSession) -> BrowserContext:
        context = await opened(browser, session)
        await context.add_init_script(_LATE_WARNING)
        return context

    monkeypatch.setattr(pool, "_new_context", with_late_warning)
    site = open_site(TwoFactor.TOTP)
    desk, known = seat(site), site.credentials
    desk.enter(known.username, known.password)
    codes = iter(["000000", "", "", ""])

    def answer(request: InputRequest) -> dict[str, str]:
        return {"code": next(codes) or str(site.site.account.current_totp())}

    assert (await desk.run(answer, answer, answer, answer))["state"] == "COMPLETED"
    assert list(codes) == ["", ""], "the second code was the last one asked for"


async def test_without_a_secret_the_person_is_asked_and_a_wrong_code_may_be_tried_again(
    open_site: Callable[..., Running], seat: Seat
) -> None:
    site = open_site(TwoFactor.TOTP)
    desk, known = seat(site), site.credentials
    asked: list[InputRequest] = []

    def wrong(request: InputRequest) -> dict[str, str]:
        asked.append(request)
        return {"code": "000000"}

    def right(request: InputRequest) -> dict[str, str]:
        asked.append(request)
        now = site.site.account.current_totp()
        assert now is not None
        return {"code": f"{now[:3]} {now[3:]}"}

    desk.enter(known.username, known.password)
    assert (await desk.run(wrong, right))["state"] == "COMPLETED"
    assert [(r.method, r.error is None) for r in asked] == [(CodeMethod.TOTP, True), (CodeMethod.TOTP, False)]
    assert asked[0].others == (CodeMethod.SMS, CodeMethod.BACKUP)


async def test_a_message_says_to_which_masked_number_it_went(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site(TwoFactor.SMS)
    desk, known = seat(site), site.credentials
    asked: list[InputRequest] = []

    def from_phone(request: InputRequest) -> dict[str, str]:
        asked.append(request)
        return {"code": site.site.account.messages[-1].code}

    desk.enter(known.username, known.password)
    assert (await desk.run(from_phone))["state"] == "COMPLETED"
    ending = site.site.account.phone[-4:]
    assert asked[0].method is CodeMethod.SMS
    assert asked[0].sent_to == f"+** *** ***{ending[:2]} {ending[2:]}"


async def test_another_message_can_be_had(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site(TwoFactor.SMS)
    site.site.door = Door(resend_seconds=0)
    desk, known = seat(site), site.credentials
    desk.enter(known.username, known.password)
    job = await desk.run(lambda _: {"method": "sms"}, lambda _: {"code": site.site.account.messages[-1].code})
    assert job["state"] == "COMPLETED"
    assert len(site.site.account.messages) == 2


async def test_a_login_whose_cookies_name_nobody_leads_to_a_whole_sync_all_the_same(
    open_site: Callable[..., Running], seat: Seat, owner: Owner
) -> None:
    site = open_site(TwoFactor.TOTP)
    site.site.door = Door(two_step=TwoStep.ENCRYPTED, no_ds_user_id=True)
    desk, known = seat(site), site.credentials
    desk.enter(known.username, known.password, known.totp_secret)
    assert (await desk.run())["state"] == "COMPLETED"
    session = await stored_session(desk)
    assert (session.cookie("ds_user_id"), account_id(session)) == (None, known.user_id)
    await sync.run(await claim(desk.services.pool, [JobKind.SYNC]), desk.services)
    assert desk.profile()["external_id"] == known.user_id
    runs = owner.execute("select verdict, seen from public.list_runs order by seen").fetchall()
    assert [(run["verdict"], run["seen"]) for run in runs] == [("whole", 30), ("whole", 60)]


async def test_another_way_can_be_chosen(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site(TwoFactor.TOTP)
    desk, known = seat(site), site.credentials
    asked: list[CodeMethod] = []

    def by_message(request: InputRequest) -> dict[str, str]:
        asked.append(request.method)
        return {"method": "sms"}

    def from_phone(request: InputRequest) -> dict[str, str]:
        asked.append(request.method)
        return {"code": site.site.account.messages[-1].code}

    desk.enter(known.username, known.password)
    assert (await desk.run(by_message, from_phone))["state"] == "COMPLETED"
    assert asked == [CodeMethod.TOTP, CodeMethod.SMS]


@pytest.mark.parametrize("chosen", [True, False])
async def test_a_backup_code_opens_whether_chosen_or_just_entered(
    chosen: bool, open_site: Callable[..., Running], seat: Seat
) -> None:
    site = open_site(TwoFactor.TOTP)
    desk, known = seat(site), site.credentials
    spare = known.backup_codes[0]
    desk.enter(known.username, known.password)
    choose = [lambda _: {"method": "backup"}] if chosen else []
    assert (await desk.run(*choose, code(f"{spare[:4]} {spare[4:]}")))["state"] == "COMPLETED"
    assert spare not in site.site.account.backup_codes


async def test_a_stored_secret_that_is_not_the_accounts_leads_to_asking(
    open_site: Callable[..., Running], seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = open_site(TwoFactor.TOTP)
    desk, known = seat(site), site.credentials
    monkeypatch.setattr("worker.platforms.instagram_web.login.two_factor._MAX_OWN", 1)
    asked: list[InputRequest] = []

    def right(request: InputRequest) -> dict[str, str]:
        asked.append(request)
        return {"code": site.site.account.current_totp() or ""}

    desk.enter(known.username, known.password, pyotp.random_base32())
    assert (await desk.run(right))["state"] == "COMPLETED"
    assert asked[0].error is not None
    assert "authenticator secret" in asked[0].error


async def test_five_wrong_codes_end_the_login(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site(TwoFactor.SMS)
    desk = seat(site)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run(*[code("111")] * 6)
    assert (job["state"], job["error_code"]) == ("FAILED", "too_many_wrong_codes")


async def test_nobody_answering_ends_the_login_with_a_sentence(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site(TwoFactor.SMS)
    desk = seat(site, code_wait=timedelta(milliseconds=200))
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", "nobody_answered")
    assert NobodyAnswered.sentence in error_said(job)
    assert desk.profile()["state"] == "CONNECTING"


@pytest.mark.parametrize(
    ("username", "password", "error"),
    [
        (None, "not the password", "wrong_password"),
        (None, "short", "wrong_password"),
        ("no one.at.all", "whatever it is", "unknown_user"),
    ],
)
@pytest.mark.parametrize("form", [LoginForm.CLASSIC])
async def test_what_was_entered_wrongly_is_told_apart(
    username: str | None, password: str, error: str, form: LoginForm, open_site: Callable[..., Running], seat: Seat
) -> None:
    site = open_site(form=form)
    desk = seat(site)
    desk.enter(username or site.credentials.username, password)
    job = await desk.run()
    assert (job["state"], job["error_code"], job["sealed"]) == ("FAILED", error, None)


@pytest.mark.parametrize(
    ("kind", "status", "error", "state"),
    [
        (FaultKind.CHECKPOINT, 400, "checkpoint", "CHALLENGED"),
        (FaultKind.SUSPENDED, 400, "suspended", "CHALLENGED"),
        (FaultKind.CONSENT, 400, "consent_required", "CHALLENGED"),
        (FaultKind.SUSPICION, 400, "suspected_automation", "COOLING_DOWN"),
        (FaultKind.PLEASE_WAIT, 400, "login_throttled", "CONNECTING"),
        (FaultKind.PLEASE_WAIT, 429, "login_throttled", "CONNECTING"),
    ],
)
async def test_what_the_site_holds_against_a_login_is_told_apart(
    kind: FaultKind, status: int, error: str, state: str, open_site: Callable[..., Running], seat: Seat
) -> None:
    site = open_site()
    desk = seat(site)
    trouble(site, kind, status=status)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", error)
    assert desk.profile()["state"] == state


async def test_a_checkpoint_after_the_code_is_a_checkpoint_too(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site(TwoFactor.TOTP)
    desk = seat(site)
    desk.enter(site.credentials.username, site.credentials.password, site.credentials.totp_secret)
    trouble(site, FaultKind.CHECKPOINT)
    assert (await desk.run())["error_code"] == "checkpoint"


async def test_a_fault_of_the_site_is_tried_again(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site()
    desk = seat(site)
    trouble(site, FaultKind.HTTP_500)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("WAITING", "site_failed")
    assert job["sealed"] is not None


async def test_a_site_that_cannot_be_reached_is_tried_again(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site()
    desk = seat(site)
    site.stop()
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("WAITING", "site_unreachable")


async def test_a_missing_browser_names_the_ways_to_get_one(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site()
    missing = BrowserPool(settings_for(site.url, browser_path=Path("/nowhere/chromium")))
    desk = seat(site, pool=missing)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", "browser_missing")
    for way in ("playwright install", "chromium package", "BROWSER_PATH"):
        assert way in error_said(job)


@pytest.fixture
def unheard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The login's calls go unrecognised, as after a change of the site: only its pages tell."""
    monkeypatch.setattr("worker.platforms.instagram_web.site.selectors.is_login_call", lambda url, name: False)


@pytest.mark.usefixtures("unheard")
async def test_the_pages_alone_lead_in_too(open_site: Callable[..., Running], seat: Seat) -> None:
    site = open_site(TwoFactor.TOTP)
    desk, known = seat(site), site.credentials
    right = lambda _: {"code": site.site.account.current_totp() or ""}  # noqa: E731
    desk.enter(known.username, known.password)
    assert (await desk.run(code("000000"), right))["state"] == "COMPLETED"
    assert desk.profile()["state"] == "CONNECTED"


@pytest.mark.usefixtures("unheard")
@pytest.mark.parametrize(
    ("username", "password", "kind", "error"),
    [
        (None, "not the password", None, "wrong_password"),
        ("no one.at.all", "whatever it is", None, "unknown_user"),
        (None, None, FaultKind.PLEASE_WAIT, "login_throttled"),
        (None, None, FaultKind.CHECKPOINT, "checkpoint"),
        (None, None, FaultKind.SUSPENDED, "suspended"),
    ],
)
async def test_the_pages_alone_tell_the_refusals_apart_too(
    username: str | None,
    password: str | None,
    kind: FaultKind | None,
    error: str,
    open_site: Callable[..., Running],
    seat: Seat,
) -> None:
    site = open_site()
    desk = seat(site)
    if kind is not None:
        trouble(site, kind, status=400)
    desk.enter(username or site.credentials.username, password or site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", error)


async def test_an_account_of_another_id_is_not_written_into_this_profile(
    open_site: Callable[..., Running], seat: Seat, owner: Owner
) -> None:
    site = open_site()
    desk = seat(site)
    owner.execute("update public.profiles set external_id = '1' where id = %s", (desk.profile_id,))
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", "wrong_account")
    assert desk.connection()["secret"] is None


async def test_an_account_that_is_connected_under_another_name_is_not_connected_twice(
    open_site: Callable[..., Running], seat: Seat, make_profile: Callable[..., UUID]
) -> None:
    site = open_site()
    desk = seat(site)
    make_profile(desk.user_id, "old.name", external_id=site.credentials.user_id)
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", "wrong_account")
    assert "already connected" in error_said(job)


async def test_what_was_erased_or_meant_for_another_job_is_not_used(
    open_site: Callable[..., Running], seat: Seat, owner: Owner
) -> None:
    site = open_site()
    desk = seat(site)
    job_id = desk.enter(site.credentials.username, site.credentials.password)
    owner.execute("update public.sync_jobs set sealed = %s where id = %s", (b"\x01" * 80, job_id))
    assert (await desk.run())["error_code"] == "secrets_gone"


async def test_no_secret_is_left_where_anybody_could_read_it(
    open_site: Callable[..., Running], seat: Seat, owner: Owner, capfd: pytest.CaptureFixture[str], caplog: Any
) -> None:
    caplog.set_level("DEBUG")
    site = open_site(TwoFactor.TOTP)
    desk, known = seat(site), site.credentials
    used: list[str] = []

    def right(_: InputRequest) -> dict[str, str]:
        used.append(site.site.account.current_totp() or "")
        return {"code": used[-1]}

    desk.enter(known.username, known.password, None)
    assert (await desk.run(code("918273"), right))["state"] == "COMPLETED"
    desk.enter(known.username, "wrong canary password")
    assert (await desk.run())["state"] == "FAILED"
    desk.enter(known.username, known.password, known.totp_secret)
    assert (await desk.run())["state"] == "COMPLETED"
    session = await stored_session(desk)
    secrets = [known.password, "wrong canary password", "918273", *used, known.totp_secret]
    secrets += [session.cookie(name) for name in ("sessionid", "csrftoken", "mid", "ig_did", "datr", "rur")]
    written = capfd.readouterr()
    places = {
        "log": caplog.text + written.out + written.err,
        "database": everything(owner),
        "repr": repr(session) + repr(desk.services),
    }
    for place, text in places.items():
        for secret in secrets:
            assert secret
            assert secret not in text, f"a secret stands in the {place}"


def everything(owner: Owner) -> str:
    """Every row of every table as text; bytes as text too where they are text."""
    tables = owner.execute(
        "select table_schema || '.' || table_name as name from information_schema.tables"
        " where table_schema in ('public', 'rollcall', 'auth') and table_type = 'BASE TABLE'"
    ).fetchall()
    found = []
    for table in tables:
        for row in owner.execute(b"select * from " + table["name"].encode()):
            found += [v.decode("latin-1") if isinstance(v, bytes) else str(v) for v in row.values()]
    return "\n".join(found)
