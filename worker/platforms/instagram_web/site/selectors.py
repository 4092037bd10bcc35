"""Recognises the elements of the login's pages. Each has several signs, because names and texts change (IG-2.2).

The texts themselves are in `page_texts`.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page

from shared.domain.jobs import CodeMethod
from worker.platforms.instagram_web.site.page_texts import (
    CODE_LABELS,
    USERNAME_LABELS,
    Wording,
    account_on_button,
    pattern,
)

LOGIN_PATH = "/accounts/login/"
_CODE_PATHS = ("/accounts/login/two_factor", "/two_factor", "/two_step_verification")
_STOP_PATHS = ("/challenge", "/auth_platform", "/checkpoint", "/consent", "/privacy/consent", "/accounts/suspended")
_IN_PATHS = ("/accounts/onetap", "/accounts/edit", "/direct/inbox")
_CALLS = ("/accounts/login/ajax/", "/accounts/send_two_factor_login_", "/accounts/one_tap_web_login/")
CALL_PATTERNS = (*(f"*{call}*" for call in _CALLS), "*/api/graphql*", "*/graphql/query*")
# `useTwoFactorLoginValidateCodeMutation` is known (IG-2.7); the request for a message surely has a similar name.
_TWO_FACTOR_NAME = "useTwoFactorLogin"

_USERNAME = (
    'input[name="username"]',
    'input[name="email"]',
    'input[autocomplete~="username"]',
    ", ".join(f'input[aria-label*="{label}" i]' for label in USERNAME_LABELS),
    'form:has(input[type="password"]) input:not([type="password"]):not([type="hidden"])',
    'input[type="text"], input[type="email"], input[type="tel"]',
)
_UNREADABLE = 'input[type="password"]'
_CODE = ", ".join(
    (
        'input[name="verificationCode"], input[name="security_code"], input[autocomplete="one-time-code"]',
        *(f'input[aria-label*="{label}" i], input[placeholder*="{label}" i]' for label in CODE_LABELS),
        'input[inputmode="numeric"]',
    )
)
_SWITCHES = {
    CodeMethod.TOTP: Wording.BY_APP,
    CodeMethod.SMS: Wording.BY_SMS,
    CodeMethod.WHATSAPP: Wording.BY_WHATSAPP,
    CodeMethod.BACKUP: Wording.BY_BACKUP_CODE,
}


class Place(Enum):
    """The place of an address in the login."""

    CODE = auto()
    STOP = auto()
    IN = auto()


def place(url: str) -> Place | None:
    """The place of an address; None for the form and everything else."""
    path = urlsplit(url).path
    if any(path.startswith(known) for known in _STOP_PATHS):
        return Place.STOP
    if any(known in path for known in _CODE_PATHS):
        return Place.CODE
    return Place.IN if any(path.startswith(known) for known in _IN_PATHS) else None


def is_login_call(url: str, friendly_name: str | None) -> bool:
    """Whether a request of the page has an answer that shows the login's progress."""
    path = urlsplit(url).path
    return any(call in path for call in _CALLS) or (friendly_name or "").startswith(_TWO_FACTOR_NAME)


async def username_input(page: Page) -> Locator:
    """The field for the name: the first sign that a visible field has."""
    for sign in _USERNAME:
        field = page.locator(sign).filter(visible=True)
        if await field.count():
            return field.first
    return page.locator(_USERNAME[0])


def password_input(page: Page) -> Locator:
    return page.locator(_UNREADABLE).filter(visible=True).first


def submit_button(page: Page) -> Locator:
    """The form's own button, where it is a real one."""
    return page.locator(f'form:has({_UNREADABLE}) button[type="submit"]').first


def code_input(page: Page) -> Locator:
    return page.locator(_CODE).filter(visible=True).first


def warning(page: Page) -> Locator:
    """The page's warning about the entered value."""
    return (
        page.locator('[role="alert"], #slfErrorAlert, #twoFactorErrorAlert')
        .filter(visible=True, has_text=re.compile(r"\S"))
        .first
    )


def cookie_dialog(page: Page) -> Locator:
    """A button that ends the cookie dialog, whatever it agrees to."""
    return least_cookies(page).or_(all_cookies(page)).first


def least_cookies(page: Page) -> Locator:
    """The button that ends the cookie dialog with the fewest cookies."""
    return _said(page, Wording.COOKIES_LEAST)


def all_cookies(page: Page) -> Locator:
    """The button that allows every cookie; a plain "Accept" counts only in a dialog about cookies."""
    about_cookies = _dialogs(page).filter(has_text=re.compile("cookie", re.IGNORECASE))
    plain = about_cookies.get_by_role("button", name=pattern(Wording.ACCEPT))
    return _said(page, Wording.COOKIES_ALL).or_(plain.filter(visible=True)).first


def known_device(page: Page) -> Locator:
    """The button that lets a known device in again with one click."""
    return _said(page, Wording.CONTINUE_AS)


async def is_for(button: Locator, username: str) -> bool:
    """Whether a known device's button belongs to this account: it names the username, or the page shows it alone."""
    if (account_on_button(await button.inner_text()) or "").lstrip("@").lower() == username.lower():
        return True
    alone = re.compile(rf"^\s*@?{re.escape(username)}\s*$", re.IGNORECASE)
    return await button.page.get_by_text(alone).filter(visible=True).count() > 0


def another_account(page: Page) -> Locator:
    return _said(page, Wording.ANOTHER_ACCOUNT)


def not_now(page: Page) -> Locator:
    """The button that declines an offer to save the login or to turn on notifications."""
    return _said(page, Wording.NOT_NOW)


def not_now_on_top(page: Page) -> Locator:
    """The same button in a dialog, which covers other offers; the last dialog covers the others."""
    return _dialogs(page).get_by_role("button", name=pattern(Wording.NOT_NOW)).filter(visible=True).last


def suspicion(page: Page) -> Locator:
    """The platform's warning that it suspects automation; Rollcall never answers it.

    It counts on a page of its own and in a dialog, because anyone may write such words into a post or a biography.
    """
    text = pattern(Wording.SUSPECTED)
    if place(page.url) is Place.STOP:
        return page.get_by_text(text).filter(visible=True).first
    return _dialogs(page).filter(has_text=text, visible=True).first


def switch(page: Page, method: CodeMethod) -> Locator | None:
    """The page's own way to another kind of code; None for a kind that it never offers."""
    wording = _SWITCHES.get(method)
    return None if wording is None else _said(page, wording)


def go_on(page: Page) -> Locator:
    """The button of a dialog with a chosen way."""
    return _dialogs(page).get_by_role("button", name=pattern(Wording.CONTINUE)).filter(visible=True).first


def resend(page: Page) -> Locator:
    return _said(page, Wording.RESEND)


def more_ways(page: Page) -> Locator:
    return _said(page, Wording.MORE_WAYS)


def _dialogs(page: Page) -> Locator:
    return page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))


def _said(page: Page, wording: Wording) -> Locator:
    """Any element with this wording that can be pressed or chosen."""
    text = pattern(wording)
    found = page.get_by_role("button", name=text)
    for other in (page.get_by_role("link", name=text), page.get_by_role("radio", name=text)):
        found = found.or_(other)
    return found.filter(visible=True).first
