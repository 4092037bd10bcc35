"""A platform's own login in a browser, as jobs see it; a platform with such a login writes `LoginFlow` again."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from playwright.async_api import BrowserContext

from shared.domain.jobs import CodeMethod, InputRequest
from worker.browser.session import BrowserSession
from worker.platforms.base import LiveSource, RateLimiter


@dataclass(frozen=True, slots=True)
class LoginDetails:
    """What the person entered; used once and kept nowhere."""

    username: str
    password: str = field(repr=False)
    totp_secret: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What no one else may ever see."""
        return tuple(filter(None, (self.password, self.totp_secret)))


@dataclass(frozen=True, slots=True)
class CodeReply:
    """What the person answered: a code, another way to have one, another message, or that an approval was given.

    Nothing of these when the answer could not be used.
    """

    code: str | None = field(default=None, repr=False)
    method: CodeMethod | None = None
    resend: bool = False
    done: bool = False

    @classmethod
    def from_json(cls, answer: object) -> CodeReply:
        """The reply of an opened answer (`InputRequest` says its forms); raises ValueError or KeyError on others."""
        if not isinstance(answer, dict):
            raise ValueError("an answer is an object")
        if "method" in answer:
            return cls(method=CodeMethod(answer["method"]))
        if answer.get("resend") is True or answer.get("done") is True:
            return cls(resend=answer.get("resend") is True, done=answer.get("done") is True)
        return cls(code=str(answer["code"]))


class Ask(Protocol):
    """Asks the person. An empty reply comes once `moved` is done: the page went on without one."""

    def __call__(self, request: InputRequest, moved: Future[None] | None = None) -> Awaitable[CodeReply]: ...


class LoginFlow(Protocol):
    """A platform's login in a browser. Every method raises the typed errors of `shared.errors`.

    `device_cookies` are the names of the cookies by which the platform knows a device.
    """

    @property
    def device_cookies(self) -> frozenset[str]: ...

    async def sign_in(self, context: BrowserContext, details: LoginDetails, ask: Ask) -> None:
        """Fills the platform's form; `ask` gets codes from the person where the authenticator secret makes none.

        Raises WrongPassword, UnknownUser, LoginRejected, LoginThrottled, TooManyWrongCodes, Suspended, the kinds of
        Challenged and of Transient, and what `ask` raises.
        """
        ...

    async def open_login_page(self, context: BrowserContext) -> None:
        """Opens the platform's login page for the person to log in there; nothing is typed or pressed.

        Raises SiteUnreachable, LoginThrottled, SiteFailed or UnexpectedAnswer where the page does not come, and
        Playwright's error where it was closed.
        """
        ...

    def open_view(self, context: BrowserContext, session: BrowserSession, limiter: RateLimiter) -> LiveSource:
        """The view of whoever is signed in in this context; its requests pass the rate limiter."""
        ...

    async def take_screenshot(self, context: BrowserContext, secrets: Sequence[str]) -> bytes | None:
        """The page at which a login stopped, as a JPEG with everything secret covered; None without such a page.

        The page is of no use afterwards.
        """
        ...
