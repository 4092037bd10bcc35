"""Checkpoints of a login: what the person is asked, what they see when they alone can help, and what is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import httpx
import pytest

from sandbox.instagram.faults import Fault, FaultKind, Where
from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.login.checkpoints import Variant
from sandbox.server import Running
from shared.domain.jobs import CodeMethod, InputRequest
from tests.conftest import Personas
from tests.said import error_said, state_said
from tests.worker.instagram import Desk, Owner, Pool, services_for, settings_for, stand_in
from tests.worker.jobs.connect.test_login import everything
from worker.browser.pool import BrowserPool

pytestmark = pytest.mark.slow
T = TypeVar("T")
LINGER_MS = 1500
SOON = timedelta(milliseconds=200)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Running]:
    running = stand_in(TwoFactor.NONE, followers=5, following=3, posts=2)
    yield running
    running.stop()


@pytest.fixture
def desk(
    worker_pool: Pool,
    browser: BrowserPool,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    site: Running,
) -> Desk:
    """Alice with a profile of the site's account that is not connected yet, her password entered."""
    site.site.faults.clear()
    site.site.checkpoints.forget()
    profile_id = make_profile(people.alice, site.credentials.username, state="CONNECTING")
    services = services_for(worker_pool, browser, settings_for(site.url))
    sat = Desk(services, owner, people.alice, profile_id)
    sat.enter(site.credentials.username, site.credentials.password)
    return sat


def checkpoint(site: Running, variant: Variant) -> None:
    site.site.faults.add(Fault(FaultKind.CHECKPOINT, Where.LOGIN, 1, 400, LINGER_MS, variant))


def say(site: Running, word: str) -> None:
    """Answers on the phone."""
    httpx.post(f"{site.credentials.phone_url}/{word}").raise_for_status()


def last_code(site: Running) -> str:
    return site.site.account.messages[-1].code


class Person:
    """Answers in turn and remembers what was asked."""

    def __init__(self, site: Running) -> None:
        self.site = site
        self.asked: list[InputRequest] = []

    def says(self, **answer: Any) -> Callable[[InputRequest], dict[str, Any]]:
        return lambda request: self.does(request, lambda: answer)

    def enters_the_code(self) -> Callable[[InputRequest], dict[str, Any]]:
        return lambda request: self.does(request, lambda: {"code": last_code(self.site)})

    def does(self, request: InputRequest, what: Callable[[], T]) -> T:
        self.asked.append(request)
        return what()

    @property
    def methods(self) -> list[CodeMethod]:
        return [request.method for request in self.asked]


@pytest.mark.parametrize(
    ("variant", "method", "masked"),
    [
        (Variant.CODE_EMAIL, CodeMethod.EMAIL, "@m***.example"),
        (Variant.CODE_WHATSAPP, CodeMethod.WHATSAPP, "+** *** *****"),
    ],
)
async def test_a_lingering_page_after_a_right_code_is_no_rejection_and_a_wrong_code_is_one(
    variant: Variant, method: CodeMethod, masked: str, site: Running, desk: Desk
) -> None:
    person = Person(site)
    checkpoint(site, variant)
    job = await desk.run(person.says(code="1"), person.says(code="2"), person.enters_the_code())
    assert (job["error_code"], job["state"]) == (None, "COMPLETED")
    assert person.methods == [method] * 3
    assert [request.error is None for request in person.asked] == [True, False, False]
    assert masked in (person.asked[0].sent_to or "")
    assert desk.profile()["state"] == "CONNECTED"


async def test_the_marked_field_alone_tells_too_where_neither_calls_nor_warnings_are_known(
    site: Running, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.platforms.instagram_web.login.checkpoint.responses._OPERATIONS", ())
    monkeypatch.setattr(
        "worker.platforms.instagram_web.site.selectors.warning", lambda page: page.locator("#not-there")
    )
    person = Person(site)
    checkpoint(site, Variant.CODE_SMS)
    job = await desk.run(person.says(code="1"), person.enters_the_code())
    assert (job["state"], person.methods) == ("COMPLETED", [CodeMethod.SMS] * 2)
    assert person.asked[1].error is not None


async def test_another_code_and_another_way_can_be_had_each_in_its_time(
    site: Running, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.site.checkpoints, "cooldown", 600.0)
    person = Person(site)

    def meanwhile(request: InputRequest) -> dict[str, Any]:
        monkeypatch.setattr(site.site.checkpoints, "cooldown", 0.0)
        return person.does(request, lambda: {"method": "email"})

    checkpoint(site, Variant.CODE_SMS)
    began, sent = datetime.now(UTC), len(site.site.account.messages)
    job = await desk.run(person.says(resend=True), meanwhile, person.says(resend=True), person.enters_the_code())
    assert job["state"] == "COMPLETED"
    early, refused, other, last = person.asked
    assert early.resend_at is not None
    assert early.resend_at > began + timedelta(minutes=5)
    assert refused.error is not None, "no other code was sent before its time"
    assert other.method is last.method is CodeMethod.EMAIL
    assert early.others == (CodeMethod.EMAIL, CodeMethod.WHATSAPP)
    assert other.resend_at is not None
    assert other.resend_at <= datetime.now(UTC)
    assert [m.via for m in site.site.account.messages[sent:]] == ["sms", "email", "email"]


@pytest.mark.parametrize("variant", [Variant.PICKER, Variant.LEGACY])
async def test_a_page_of_ways_is_passed_by_the_one_it_has_chosen(variant: Variant, site: Running, desk: Desk) -> None:
    person = Person(site)
    checkpoint(site, variant)
    job = await desk.run(person.says(code="1"), person.enters_the_code())
    assert (job["error_code"], job["state"]) == (None, "COMPLETED")
    assert person.methods == [CodeMethod.SMS] * 2


async def test_five_wrong_codes_end_it(site: Running, desk: Desk) -> None:
    person = Person(site)
    checkpoint(site, Variant.CODE_SMS)
    job = await desk.run(*[person.says(code="1")] * 6)
    assert (job["state"], job["error_code"], len(person.asked)) == ("FAILED", "too_many_wrong_codes", 5)


async def test_an_approval_leads_in_without_a_word_here(site: Running, desk: Desk) -> None:
    person = Person(site)

    def on_the_phone(request: InputRequest) -> None:
        assert desk.connection()["secret"] is not None, "the device is remembered before anybody can confirm it"
        person.does(request, lambda: say(site, "approve"))

    checkpoint(site, Variant.APPROVAL)
    job = await desk.run(on_the_phone)
    assert (job["error_code"], job["state"]) == (None, "COMPLETED")
    assert person.methods == [CodeMethod.APPROVAL]


async def test_the_persons_word_alone_is_no_approval_and_a_refusal_is_told(site: Running, desk: Desk) -> None:
    person = Person(site)

    def refuses(request: InputRequest) -> None:
        person.does(request, lambda: say(site, "deny"))

    checkpoint(site, Variant.APPROVAL)
    job = await desk.run(person.says(done=True), refuses)
    assert (job["state"], job["error_code"]) == ("FAILED", "approval_denied")
    assert person.asked[1].error is not None


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        (429, "FAILED", "login_throttled"),
        (503, "WAITING", "site_failed"),
        (403, "WAITING", "unexpected_answer"),
    ],
)
async def test_a_page_that_is_refused_when_it_is_loaded_again_says_so(
    status: int, state: str, code: str, site: Running, desk: Desk
) -> None:
    person = Person(site)

    def is_refused(request: InputRequest) -> dict[str, Any]:
        site.site.faults.add(Fault(FaultKind.BARE, Where.PAGE, 50, status, 0))
        return person.does(request, lambda: {"done": True})

    checkpoint(site, Variant.APPROVAL)
    before = site.site.requests.copy()
    job = await desk.run(is_refused)
    assert (job["state"], job["error_code"]) == (state, code)
    assert (site.site.requests - before)["show"] > 1, "the page was loaded again"


async def test_an_approval_that_came_too_late_counts_for_the_next_login_of_the_same_device(
    site: Running, desk: Desk
) -> None:
    checkpoint(site, Variant.APPROVAL)
    patient, desk.services = desk.services, replace(desk.services, settings=settings_for(site.url, code_wait=SOON))
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", "nobody_answered")
    assert "on the phone" in error_said(job)
    say(site, "approve")
    desk.services = patient
    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run()
    assert (job["error_code"], job["state"]) == (None, "COMPLETED")
    assert not site.site.checkpoints.wants_approval("any other device")


@pytest.mark.parametrize(
    ("variant", "code", "said"),
    [
        (Variant.CAPTCHA, "captcha_required", "--headed"),
        (Variant.SELFIE, "selfie_required", "your own app"),
        (Variant.FORCED_CHANGE, "password_change_required", "the new password"),
        (Variant.PLAIN, "checkpoint", "your own browser or app"),
    ],
)
async def test_what_only_the_person_may_do_is_said_and_never_worked_around(
    variant: Variant, code: str, said: str, site: Running, desk: Desk
) -> None:
    checkpoint(site, variant)
    before = site.site.requests.copy()
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("FAILED", code)
    assert said in error_said(job)
    assert desk.profile()["state"] == "CHALLENGED"
    assert state_said(desk.profile()) == error_said(job)
    assert site.site.requests["answer"] == before["answer"], "nothing was sent to the page"


async def test_the_secret_in_a_checkpoints_address_stays_in_the_browser(
    site: Running, desk: Desk, owner: Owner, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    person = Person(site)
    for variant, answers in (
        (Variant.CODE_SMS, [person.says(code="7")] * 5),
        (Variant.CAPTCHA, []),
        (Variant.CODE_EMAIL, [person.enters_the_code()]),
    ):
        checkpoint(site, variant)
        assert (await desk.run(*answers))["sealed"] is None
        desk.enter(site.credentials.username, site.credentials.password)
    written = capfd.readouterr()
    told = caplog.text + written.out + written.err + everything(owner)
    secrets = site.site.checkpoints.secrets()
    assert len(secrets) >= 3
    assert [secret for secret in secrets if secret in told] == []
