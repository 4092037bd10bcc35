"""Logging in through the site's own pages: form → (code | challenge) → in, each recognised by what the page shows."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shared.errors import (
    CheckpointRequired,
    FeedbackRequired,
    JobError,
    LoginRejected,
    LoginThrottled,
    SiteFailed,
    SiteUnreachable,
    UnexpectedAnswer,
    UnknownUser,
    WrongPassword,
)
from worker.browser.failures import meaning
from worker.platforms.instagram_web import signs
from worker.platforms.instagram_web.answers import elsewhere
from worker.platforms.instagram_web.authenticator import Authenticator
from worker.platforms.instagram_web.login_answers import Outcome, TwoFactor
from worker.platforms.instagram_web.login_page import LoginPage, Silent, Warned, has_session, shows
from worker.platforms.instagram_web.second_factor import Ask, SecondFactor

_FORM_SECONDS = 30.0
_LANDING_SECONDS = 10.0
_DIALOG_SECONDS = 1.5
# What the form's warning says where its call could not be read; the texts are those of an English page.
_WARNINGS: tuple[tuple[re.Pattern[str], type[JobError]], ...] = (
    (re.compile(r"password (was|is|you entered is) incorrect|incorrect password", re.I), WrongPassword),
    (re.compile(r"username you entered|belong to an account|find (your|an) account", re.I), UnknownUser),
    (re.compile(r"wait a few minutes|try again later", re.I), LoginThrottled),
)


@dataclass(frozen=True, slots=True)
class LoginDetails:
    """What the person entered; used once and kept nowhere."""

    username: str
    password: str = field(repr=False)
    totp_secret: str | None = field(default=None, repr=False)


async def log_in(page: Page, base_url: str, details: LoginDetails, ask: Ask) -> None:
    """Logs the page's context in; `ask` gets codes from the person where the secret makes none.

    Raises WrongPassword, UnknownUser, LoginThrottled, LoginRejected, CheckpointRequired, Suspended, FeedbackRequired,
    TooManyWrongCodes, SiteUnreachable, SiteFailed, UnexpectedAnswer, BrowserFailed, and what `ask` raises.
    """
    try:
        await _Login(await LoginPage.listen(page), base_url, details, ask).run()
    except PlaywrightTimeout:
        failure: JobError = Silent()
    except PlaywrightError as error:
        failure = meaning(error)
    else:
        return
    raise failure


class _Login:
    """One login under way."""

    def __init__(self, login: LoginPage, base_url: str, details: LoginDetails, ask: Ask) -> None:
        self._login, self._page = login, login.page
        self._base_url, self._details, self._ask = base_url, details, ask

    async def run(self) -> None:
        try:
            await self._open_form()
            await self._prove()
            await self._arrive()
        except CheckpointRequired as asked:
            await self._answer_checkpoint(asked)
            await self._arrive()

    async def _prove(self) -> None:
        outcome = await self._enter_password()
        if isinstance(outcome, TwoFactor):
            secret = self._details.totp_secret
            authenticator = Authenticator(secret) if secret else None
            await SecondFactor(self._login, outcome, self._ask, authenticator).run()

    async def _answer_checkpoint(self, asked: CheckpointRequired) -> None:
        """Where every checkpoint of a login ends, told by an answer, an address or a page; it returns when one is past.

        The page may still be on its way there.
        """
        raise asked

    async def _open_form(self) -> None:
        await self._page.add_locator_handler(signs.cookie_choice(self._page), _click, no_wait_after=True)
        try:
            response = await self._page.goto(self._base_url + signs.LOGIN_PATH, wait_until="domcontentloaded")
        except PlaywrightTimeout:
            raise SiteUnreachable from None
        if response is not None and response.status >= 500:
            raise SiteFailed
        if response is not None and response.status == 429:
            raise LoginThrottled
        if signs.place(self._page.url) is not None:
            raise elsewhere(self._page.url)
        await self._reach_form()

    async def _reach_form(self) -> None:
        password, another = signs.password_input(self._page), signs.another_account(self._page)
        if not await shows(password.or_(another), _FORM_SECONDS):
            raise UnexpectedAnswer("Instagram's login page does not show the form that Rollcall knows.")
        if not await password.is_visible():
            await another.click()
            await password.wait_for()

    async def _enter_password(self) -> Outcome:
        password = signs.password_input(self._page)
        await (await signs.username_input(self._page)).fill(self._details.username)
        await password.fill(self._details.password)
        button = signs.submit_button(self._page)
        if await button.count() and await button.is_disabled():
            raise WrongPassword("Instagram's form does not take this password: it is too short to be one.")
        try:
            return await self._login.submit(password, self._details.password)
        except Warned as warned:
            raise _meant(warned.text)() from None

    async def _arrive(self) -> None:
        """Puts away what the site offers after a login; the session is what counts."""
        if not await has_session(self._page):
            raise LoginRejected
        not_now, suspicion = signs.not_now(self._page), signs.suspicion(self._page)
        if await self._left_login():
            await shows(not_now.or_(suspicion), _DIALOG_SECONDS)
        if await suspicion.is_visible():
            raise FeedbackRequired
        if await not_now.is_visible():
            await not_now.click()

    async def _left_login(self) -> bool:
        """Whether the page went on to where the site leads after a login; some stay, logged in all the same."""
        with suppress(PlaywrightTimeout):
            await self._page.wait_for_url(
                _is_past_login, wait_until="domcontentloaded", timeout=_LANDING_SECONDS * 1000
            )
            return True
        return False


def _is_past_login(url: str) -> bool:
    return not urlsplit(url).path.startswith(signs.LOGIN_PATH.rstrip("/"))


def _meant(warning: str) -> type[JobError]:
    return next((error for text, error in _WARNINGS if text.search(warning)), LoginRejected)


async def _click(found: Locator) -> None:
    await found.click()
