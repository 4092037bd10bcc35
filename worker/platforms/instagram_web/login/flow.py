"""Logs in through the site's own pages and recognises each by its contents.

(known device | form) → (code | checkpoint) → offers declined → in; a warning or a consent ends it unanswered.
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from shared.errors import (
    CheckpointRequired,
    JobError,
    LoginRejected,
    LoginThrottled,
    SiteUnreachable,
    SuspectedAutomation,
    UnexpectedAnswer,
    UnknownUser,
    WrongPassword,
)
from worker.browser.failures import meaning
from worker.browser.visit import visit
from worker.platforms.instagram_web.login.checkpoint.flow import Checkpoint
from worker.platforms.instagram_web.login.checkpoint.page import After
from worker.platforms.instagram_web.login.page import LoginPage, Silent, Warned, has_session, shows
from worker.platforms.instagram_web.login.responses import ANY_METHOD, Outcome, TwoFactor
from worker.platforms.instagram_web.login.totp_codes import Authenticator
from worker.platforms.instagram_web.login.two_factor import SecondFactor
from worker.platforms.instagram_web.site import selectors
from worker.platforms.instagram_web.site.page_texts import Wording, says
from worker.platforms.instagram_web.site.responses import error_for_redirect, login_page_refusal
from worker.platforms.login import Ask, LoginDetails

_FORM_SECONDS = 30.0
_LANDING_SECONDS = 10.0
_DIALOG_SECONDS = 1.5
_CLICK_SECONDS = 5.0
# The most offers declined in a row; more were never seen.
_OFFERS = 4
# The page of the warning about automated behaviour.
_WARNING_PATH = "/challenge"
# The form's own warning, used where its call could not be read.
_WARNINGS: tuple[tuple[Wording, type[JobError]], ...] = (
    (Wording.WRONG_PASSWORD, WrongPassword),
    (Wording.UNKNOWN_USER, UnknownUser),
    (Wording.THROTTLED, LoginThrottled),
)


async def log_in(page: Page, base_url: str, details: LoginDetails, ask: Ask) -> None:
    """Logs the page's context in; `ask` gets codes from the person where the secret makes none.

    Raises WrongPassword, UnknownUser, LoginThrottled, LoginRejected, Suspended, TooManyWrongCodes, SiteUnreachable,
    SiteFailed, UnexpectedAnswer, BrowserFailed, the kinds of Challenged, and the errors of `ask`.
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
    """One running login."""

    def __init__(self, login: LoginPage, base_url: str, details: LoginDetails, ask: Ask) -> None:
        self._login, self._page = login, login.page
        self._base_url, self._details, self._ask = base_url, details, ask
        self._checkpoint = Checkpoint(self._page, ask)
        self._remembered = False

    async def run(self) -> None:
        try:
            await self._open_form()
            await self._prove()
            await self._arrive()
        except CheckpointRequired as asked:
            await self._answer_checkpoint(asked)
            await self._arrive()

    async def _prove(self) -> None:
        outcome = await self._reach_form() or await self._enter_password()
        if isinstance(outcome, TwoFactor):
            await self._second_step(outcome)

    async def _second_step(self, wanted: TwoFactor) -> None:
        secret = self._details.totp_secret
        authenticator = Authenticator(secret) if secret else None
        await SecondFactor(self._login, wanted, self._ask, authenticator).run()

    async def _answer_checkpoint(self, asked: CheckpointRequired) -> None:
        """Handles every checkpoint of a login, from an answer, an address or a page; returns when it is past.

        The page may still be on its way after that.
        """
        await self._wait_past_login()
        if urlsplit(self._page.url).path.startswith(_WARNING_PATH):
            await self._check_warned()
        after = await self._checkpoint.run(asked)
        if after is After.FORM:
            await self._prove()
        elif after is After.SECOND_STEP:
            await self._second_step(ANY_METHOD)

    async def _open_form(self) -> None:
        await self._page.add_locator_handler(selectors.cookie_dialog(self._page), _fewest_cookies, no_wait_after=True)
        try:
            seen = await visit(self._page, self._base_url + selectors.LOGIN_PATH)
        except PlaywrightTimeout:
            raise SiteUnreachable from None
        if (refused := login_page_refusal(seen.status, is_empty=seen.is_empty)) is not None:
            raise refused
        if selectors.place(self._page.url) is not None:
            raise error_for_redirect(self._page.url)

    async def _reach_form(self) -> Outcome | None:
        """Returns when a password can be entered; returns the outcome where a known device got in without one."""
        self._remembered = False
        password, known = selectors.password_input(self._page), selectors.known_device(self._page)
        another = selectors.another_account(self._page)
        if not await shows(password.or_(known).or_(another), _FORM_SECONDS):
            raise UnexpectedAnswer("Instagram's login page does not show the form that Rollcall knows.")
        if await password.is_visible():
            return None
        if await known.is_visible() and await selectors.is_for(known, self._details.username):
            with suppress(LoginRejected, Warned):
                outcome = await self._login.press(known, password)
                self._remembered = outcome is None
                return outcome
        await another.click()
        await password.wait_for()
        return None

    async def _enter_password(self) -> Outcome:
        password = selectors.password_input(self._page)
        if not self._remembered:
            await (await selectors.username_input(self._page)).fill(self._details.username)
        await password.fill(self._details.password)
        button = selectors.submit_button(self._page)
        if await button.count() and await button.is_disabled():
            raise WrongPassword("Instagram's form does not take this password: it is too short to be one.")
        try:
            return await self._login.submit(password, self._details.password)
        except Warned as warned:
            raise _meant(warned.text)() from None

    async def _arrive(self) -> None:
        """Declines the site's offers after a login, and nothing else; only the session counts."""
        await self._check_stopped()
        if not await has_session(self._page):
            raise LoginRejected
        await self._wait_past_login()
        seen = ""
        for _ in range(_OFFERS):
            await self._check_stopped()
            came, seen = seen != self._page.url, self._page.url
            if not await self._refuse_offer(_DIALOG_SECONDS if came else 0):
                return

    async def _refuse_offer(self, seconds: float) -> bool:
        """Whether the page showed an offer with a "Not now" within `seconds`, which it declines; dialogs go first."""
        offer, on_top = selectors.not_now(self._page), selectors.not_now_on_top(self._page)
        if seconds:
            await shows(offer.or_(selectors.suspicion(self._page)), seconds)
        await self._check_warned(0)
        if not await offer.is_visible():
            return False
        try:
            await (on_top if await on_top.is_visible() else offer).click(timeout=_CLICK_SECONDS * 1000)
        except PlaywrightTimeout:
            await self._check_warned(0)
            return False
        return True

    async def _check_stopped(self) -> None:
        """Raises the matching error where the site led the page to a question of its own."""
        if selectors.place(self._page.url) is selectors.Place.STOP:
            await self._check_warned()
            raise error_for_redirect(self._page.url)

    async def _check_warned(self, seconds: float = _DIALOG_SECONDS) -> None:
        """Raises SuspectedAutomation if the page shows its warning within `seconds`; the warning stays as it is."""
        warning = selectors.suspicion(self._page)
        if await (shows(warning, seconds) if seconds else warning.is_visible()):
            raise SuspectedAutomation

    async def _wait_past_login(self) -> None:
        """Waits until the page moves on after a login; some pages stay, logged in all the same."""
        with suppress(PlaywrightTimeout):
            await self._page.wait_for_url(
                _is_past_login, wait_until="domcontentloaded", timeout=_LANDING_SECONDS * 1000
            )


def _is_past_login(url: str) -> bool:
    is_login = urlsplit(url).path.startswith(selectors.LOGIN_PATH.rstrip("/"))
    return not is_login and selectors.place(url) is not selectors.Place.CODE


def _meant(warning: str) -> type[JobError]:
    return next((error for wording, error in _WARNINGS if says(warning, wording)), LoginRejected)


async def _fewest_cookies(found: Locator) -> None:
    """Closes the cookie dialog with the fewest possible cookies, not with its first button."""
    least = selectors.least_cookies(found.page)
    await (least if await least.is_visible() else selectors.all_cookies(found.page)).click()
