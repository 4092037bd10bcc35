"""What the pages of the login are recognised by. Each has several signs, for names and texts change (facts, 1.1)."""

from __future__ import annotations

import re
from enum import Enum, auto
from urllib.parse import urlsplit

from playwright.async_api import Locator, Page

from shared.domain.jobs import CodeMethod

LOGIN_PATH = "/accounts/login/"
_CODE_PATHS = ("/accounts/login/two_factor", "/two_factor", "/two_step_verification")
_STOP_PATHS = ("/challenge", "/auth_platform", "/checkpoint", "/consent", "/privacy/consent", "/accounts/suspended")
_IN_PATHS = ("/accounts/onetap", "/accounts/edit", "/direct/inbox")
_CALLS = ("/accounts/login/ajax/", "/accounts/login/ajax/two_factor/", "/accounts/send_two_factor_login_sms/")
CALL_PATTERNS = (
    "*/accounts/login/ajax/*",
    "*/accounts/send_two_factor_login_sms/*",
    "*/api/graphql*",
    "*/graphql/query*",
)
_CODE_MUTATION = "useTwoFactorLoginValidateCodeMutation"

_USERNAME = (
    'input[name="username"]',
    'input[name="email"]',
    'input[autocomplete~="username"]',
    'input[aria-label*="username" i]',
    'form:has(input[type="password"]) input:not([type="password"]):not([type="hidden"])',
    'input[type="text"], input[type="email"], input[type="tel"]',
)
_UNREADABLE = 'input[type="password"]'
_CODE = (
    'input[name="verificationCode"], input[name="security_code"], input[autocomplete="one-time-code"], '
    'input[aria-label*="code" i], input[placeholder*="code" i], input[inputmode="numeric"]'
)
_COOKIES = re.compile(r"decline optional cookies|only allow essential cookies|reject (all|optional)", re.I)
_COOKIES_ALL = re.compile(r"allow (all|essential and optional) cookies|^accept( all)?$", re.I)
_ANOTHER = re.compile(r"(use|log ?in to) another (profile|account)|switch accounts|not you\?", re.I)
_NOT_NOW = re.compile(r"^not now$", re.I)
_RESEND = re.compile(r"resend", re.I)
_MORE_WAYS = re.compile(r"another way|more options|having trouble", re.I)
_SUSPECTED = re.compile(r"automated behaviou?r", re.I)
_SWITCHES = {
    CodeMethod.TOTP: re.compile(r"authenticat(ion|or) app", re.I),
    CodeMethod.SMS: re.compile(r"text message|\bsms\b", re.I),
    CodeMethod.WHATSAPP: re.compile(r"whatsapp", re.I),
    CodeMethod.BACKUP: re.compile(r"backup code", re.I),
}


class Place(Enum):
    """Where an address is in the login."""

    CODE = auto()
    STOP = auto()
    IN = auto()


def place(url: str) -> Place | None:
    """The place that the address tells of; None for the form and everything else."""
    path = urlsplit(url).path
    if any(path.startswith(known) for known in _STOP_PATHS):
        return Place.STOP
    if any(known in path for known in _CODE_PATHS):
        return Place.CODE
    return Place.IN if any(path.startswith(known) for known in _IN_PATHS) else None


def is_login_call(url: str, friendly_name: str | None) -> bool:
    """Whether a request of the page is one whose answer tells how the login goes."""
    return urlsplit(url).path.endswith(_CALLS) or friendly_name == _CODE_MUTATION


async def username_input(page: Page) -> Locator:
    """The field for the name: the first sign that a visible field bears."""
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
    """What a page says is wrong with what was entered."""
    return (
        page.locator('[role="alert"], #slfErrorAlert, #twoFactorErrorAlert')
        .filter(visible=True, has_text=re.compile(r"\S"))
        .first
    )


def cookie_choice(page: Page) -> Locator:
    """The button that ends the cookie dialog with as few cookies as it lets."""
    return button(page, _COOKIES).or_(button(page, _COOKIES_ALL)).filter(visible=True).first


def another_account(page: Page) -> Locator:
    return button(page, _ANOTHER).or_(page.get_by_role("link", name=_ANOTHER)).filter(visible=True).first


def not_now(page: Page) -> Locator:
    return button(page, _NOT_NOW).or_(page.get_by_role("link", name=_NOT_NOW)).filter(visible=True).first


def suspicion(page: Page) -> Locator:
    """The platform's warning that it takes the account for a machine."""
    return page.get_by_text(_SUSPECTED).filter(visible=True).first


def switch(page: Page, method: CodeMethod) -> Locator | None:
    """The page's own way to another kind of code; None for a kind that it never offers."""
    text = _SWITCHES.get(method)
    return None if text is None else _way(page, text)


def resend(page: Page) -> Locator:
    return _way(page, _RESEND)


def more_ways(page: Page) -> Locator:
    return _way(page, _MORE_WAYS)


def button(page: Page, name: re.Pattern[str]) -> Locator:
    return page.get_by_role("button", name=name)


def _way(page: Page, text: re.Pattern[str]) -> Locator:
    found = button(page, text).or_(page.get_by_role("link", name=text)).or_(page.get_by_role("radio", name=text))
    return found.filter(visible=True).first
