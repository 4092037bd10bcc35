"""Every way the site lets someone in or stops them, through its pages alone: no job and no database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from playwright.async_api import Route

from sandbox.instagram.faults import Fault, FaultKind, Where
from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.site import Door, KnownDevice, LoginForm, TwoStep
from sandbox.server import Running
from shared import errors
from shared.domain.jobs import CodeMethod, InputRequest
from tests.worker.instagram import settings_for, signed_in, stand_in
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.platforms.base import NoLimit
from worker.platforms.instagram_web.client import opener
from worker.platforms.instagram_web.cookies import account_id
from worker.platforms.instagram_web.login.flow import log_in
from worker.platforms.login import CodeReply, LoginDetails

pytestmark = pytest.mark.slow
Answer = Callable[[], CodeReply]
# What a busy machine does to a page: it learns of each answer long after the answer arrived.
_SLOW_PAGE = """
const promptly = window.fetch;
window.fetch = async (...asked) => {
  const answer = await promptly(...asked);
  await new Promise((done) => setTimeout(done, 700));
  return answer;
};
"""


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    site = stand_in(TwoFactor.TOTP, followers=3, following=2, posts=1)
    yield site
    site.stop()


@dataclass
class Person:
    """Who logs in: what the site is like for them, what they answer, and what they were asked."""

    running: Running
    browser: BrowserPool
    asked: list[InputRequest] = field(default_factory=list)
    # A script that each page of the login runs before its own.
    page_first: str = ""
    # A script of the site's that arrives late.
    late: str = ""

    def finds(self, two_factor: TwoFactor = TwoFactor.NONE, form: LoginForm = LoginForm.RENAMED, **door: Any) -> None:
        site = self.running.site
        site.door = replace(Door(), **door)
        site.login_form, site.account.two_factor = form, two_factor
        site.account.whatsapp_is_on = two_factor is TwoFactor.WHATSAPP

    def meets(self, kind: FaultKind, where: Where, variant: str = "") -> None:
        self.running.site.faults.add(Fault(kind, where, 1, 429, 0, variant))

    def app(self) -> CodeReply:
        return CodeReply(code=self.running.site.account.current_totp())

    def message(self) -> CodeReply:
        return CodeReply(code=self.running.site.account.messages[-1].code)

    def sent(self) -> list[str]:
        return [message.via for message in self.running.site.account.messages]

    def calls(self, kind: str) -> int:
        return self.running.site.requests[kind]

    async def logs_in(self, *answers: Answer) -> BrowserSession:
        """The session that a login leaves; the answers are given in order, one a question."""
        known, left = self.running.credentials, list(answers)

        async def ask(request: InputRequest, moved: object = None) -> CodeReply:
            self.asked.append(request)
            return left.pop(0)()

        session = BrowserSession()
        async with self.browser.context(session) as context:
            page = await context.new_page()
            await page.add_init_script(self.page_first)
            if self.late:
                await page.route(f"**/{self.late}", _late)
            await log_in(page, self.running.url, LoginDetails(known.username, known.password), ask)
            assert not left, "not every answer was asked for"
            return await session.read_from(context)


@pytest.fixture
def person(running: Running, browser: BrowserPool) -> Iterator[Person]:
    running.site.account.messages.clear()
    running.site.requests.clear()
    yield Person(running, browser)
    running.site.faults.clear()


async def _late(route: Route) -> None:
    await asyncio.sleep(1.5)
    await route.continue_()


def choose(method: CodeMethod) -> Answer:
    return lambda: CodeReply(method=method)


def again() -> CodeReply:
    return CodeReply(resend=True)


def wrong() -> CodeReply:
    return CodeReply(code="111")


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        (KnownDevice.DIRECT, LoginForm.RENAMED),
        (KnownDevice.CONFIRMED, LoginForm.CLASSIC),
        (KnownDevice.CONFIRMED, LoginForm.NAMELESS),
    ],
)
async def test_a_known_device_is_one_click_with_or_without_the_password(
    kind: KnownDevice, form: LoginForm, person: Person
) -> None:
    person.finds(form=form, known_device=kind)
    assert (await person.logs_in()).cookie("sessionid")
    assert (person.calls("continue_as"), person.calls("log_in")) == ((1, 0) if kind is KnownDevice.DIRECT else (0, 1))


async def test_a_known_device_of_somebody_else_is_not_continued(person: Person) -> None:
    person.finds(known_device=KnownDevice.OTHER)
    assert account_id(await person.logs_in()) == person.running.credentials.user_id
    assert person.calls("continue_as") == 0


async def test_a_one_click_login_may_still_ask_for_a_code(person: Person) -> None:
    person.finds(TwoFactor.TOTP, known_device=KnownDevice.DIRECT)
    await person.logs_in(person.app)
    assert [request.method for request in person.asked] == [CodeMethod.TOTP]


@pytest.mark.parametrize("variant", ["cookie_en", "cookie_essential", "cookie_de", "cookie_es", "cookie_pt"])
async def test_of_the_cookies_as_few_as_possible_are_allowed(variant: str, person: Person) -> None:
    person.finds()
    person.meets(FaultKind.DIALOG, Where.LOGIN, variant)
    assert (await person.logs_in()).cookie("ig_cb") == "essential"


async def test_a_cookie_dialog_that_leaves_no_choice_is_accepted(person: Person) -> None:
    person.finds()
    person.meets(FaultKind.DIALOG, Where.LOGIN, "cookie_accept")
    assert (await person.logs_in()).cookie("ig_cb") == "all"


@pytest.mark.parametrize("language", ["", "_pt"])
async def test_offers_after_a_login_are_put_away_whatever_the_language(language: str, person: Person) -> None:
    person.finds()
    person.meets(FaultKind.DIALOG, Where.PAGE, f"save_login{language}")
    person.meets(FaultKind.DIALOG, Where.PAGE, f"notifications{language}")
    assert (await person.logs_in()).cookie("sessionid")


@pytest.mark.parametrize("language", ["", "de"])
async def test_the_warning_about_automated_behaviour_ends_a_login_and_is_never_put_away(
    language: str, person: Person
) -> None:
    person.finds()
    person.meets(FaultKind.SUSPICION, Where.LOGIN, language)
    with pytest.raises(errors.SuspectedAutomation):
        await person.logs_in()
    assert person.calls("dismiss") == 0


async def test_the_warning_as_a_dialog_is_not_put_away_either(person: Person) -> None:
    person.finds()
    person.meets(FaultKind.SUSPICION, Where.PAGE)
    with pytest.raises(errors.SuspectedAutomation):
        await person.logs_in()
    assert person.calls("dismiss") == 0


@pytest.mark.parametrize(
    ("kind", "where", "error"),
    [
        (FaultKind.SUSPICION, Where.PAGE, errors.SuspectedAutomation),
        (FaultKind.SUSPICION, Where.LOGIN, errors.SuspectedAutomation),
        (FaultKind.SUSPICION, Where.JSON, errors.SuspectedAutomation),
        (FaultKind.CONSENT, Where.LOGIN, errors.ConsentRequired),
        (FaultKind.CONSENT, Where.JSON, errors.ConsentRequired),
    ],
)
async def test_a_session_that_meets_the_warning_or_a_consent_later_says_so_and_answers_nothing(
    kind: FaultKind, where: Where, error: type[errors.JobError], person: Person
) -> None:
    person.finds()
    secret = await signed_in(person.browser, person.running)
    person.meets(kind, where)
    with pytest.raises(error):
        async with opener(person.browser, settings_for(person.running.url))(secret, NoLimit()) as live:
            await live.source.profile(person.running.credentials.username)
    assert person.calls("dismiss") + person.calls("agree") == 0


async def test_words_about_automation_in_somebodys_biography_are_no_warning(person: Person) -> None:
    person.finds()
    person.running.site.world.biography = "We suspect automated behavior on your account"
    secret = await signed_in(person.browser, person.running)
    async with opener(person.browser, settings_for(person.running.url))(secret, NoLimit()) as live:
        assert (await live.source.profile(person.running.credentials.username)).value.biography is not None


async def test_a_consent_is_never_given_for_the_person(person: Person) -> None:
    person.finds()
    person.meets(FaultKind.CONSENT, Where.LOGIN)
    with pytest.raises(errors.ConsentRequired):
        await person.logs_in()
    assert person.calls("agree") == 0


@pytest.mark.parametrize("two_step", TwoStep)
async def test_an_app_a_wrong_code_and_every_other_way_on_either_page(two_step: TwoStep, person: Person) -> None:
    person.finds(TwoFactor.TOTP, two_step=two_step, resend_seconds=0)
    person.running.site.account.whatsapp_is_on = True
    answers = [wrong, choose(CodeMethod.WHATSAPP), wrong, choose(CodeMethod.SMS), wrong, choose(CodeMethod.TOTP)]
    await person.logs_in(*answers, person.app)
    ways = [(request.method, request.error is None) for request in person.asked]
    assert ways == [
        (CodeMethod.TOTP, True),
        (CodeMethod.TOTP, False),
        (CodeMethod.WHATSAPP, True),
        (CodeMethod.WHATSAPP, False),
        (CodeMethod.SMS, True),
        (CodeMethod.SMS, False),
        (CodeMethod.TOTP, True),
    ]
    assert person.asked[0].others == (CodeMethod.SMS, CodeMethod.WHATSAPP, CodeMethod.BACKUP)
    assert person.sent() == ["whatsapp", "sms"]


@pytest.mark.parametrize("two_step", TwoStep)
async def test_a_backup_code_opens_on_either_page(two_step: TwoStep, person: Person) -> None:
    person.finds(TwoFactor.TOTP, two_step=two_step)
    spare = person.running.site.account.backup_codes[0]
    await person.logs_in(choose(CodeMethod.BACKUP), lambda: CodeReply(code=spare))
    assert spare not in person.running.site.account.backup_codes


@pytest.mark.parametrize("two_step", TwoStep)
async def test_a_message_by_whatsapp_opens_and_can_be_had_again(two_step: TwoStep, person: Person) -> None:
    person.finds(TwoFactor.WHATSAPP, two_step=two_step, resend_seconds=0)
    await person.logs_in(again, person.message)
    assert person.sent() == ["whatsapp", "whatsapp"]
    assert [request.method for request in person.asked] == [CodeMethod.WHATSAPP, CodeMethod.WHATSAPP]


@pytest.mark.parametrize("two_step", TwoStep)
async def test_a_page_that_is_slow_to_show_its_refusal_does_not_spoil_the_next_code(
    two_step: TwoStep, person: Person
) -> None:
    person.finds(TwoFactor.SMS, two_step=two_step, resend_seconds=0)
    person.page_first = _SLOW_PAGE
    await person.logs_in(again, again, person.message)
    assert [request.error is None for request in person.asked] == [True, True, False]


@pytest.mark.parametrize(
    ("two_step", "script"), [(TwoStep.LEGACY, "two_factor.js"), (TwoStep.ENCRYPTED, "two_step.js")]
)
async def test_nothing_is_entered_before_the_pages_script_is_there(
    two_step: TwoStep, script: str, person: Person
) -> None:
    person.finds(TwoFactor.TOTP, two_step=two_step)
    person.late = script
    await person.logs_in(person.app)
    assert len(person.asked) == 1


@pytest.mark.parametrize("two_step", TwoStep)
async def test_more_messages_than_the_site_sends_are_told_in_a_sentence(two_step: TwoStep, person: Person) -> None:
    person.finds(TwoFactor.SMS, two_step=two_step, resend_seconds=0)
    await person.logs_in(again, again, person.message)
    assert person.sent() == ["sms", "sms"]
    assert person.asked[1].error is None
    assert person.asked[2].error is not None
    assert "did not send another message" in person.asked[2].error


async def test_before_the_cool_down_is_over_the_site_is_not_even_asked(person: Person) -> None:
    person.finds(TwoFactor.SMS, resend_seconds=3600)
    await person.logs_in(again, person.message)
    assert person.calls("send_sms") == 0
    first, second = person.asked
    assert first.resend_at is not None
    assert second.resend_at == first.resend_at
    assert second.error is not None
    assert "yet" in second.error


async def test_the_newer_page_alone_leads_in_where_its_calls_go_unrecognised(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.platforms.instagram_web.site.selectors.is_login_call", lambda url, name: False)
    person.finds(TwoFactor.TOTP, two_step=TwoStep.ENCRYPTED)
    await person.logs_in(wrong, person.app)
    assert [request.error is None for request in person.asked] == [True, False]


async def test_without_the_cookie_that_names_the_account_the_session_tells_it(person: Person) -> None:
    person.finds(TwoFactor.TOTP, two_step=TwoStep.ENCRYPTED, no_ds_user_id=True)
    session = await person.logs_in(person.app)
    assert session.cookie("ds_user_id") is None
    assert account_id(session) == person.running.credentials.user_id
