"""The one protocol of all ways in; `worker.jobs.connect.flow` does the rest alike for each."""

from __future__ import annotations

from typing import Protocol

from playwright.async_api import BrowserContext

from shared.errors import JobError
from worker.browser.session import BrowserSession
from worker.jobs.connect.connection import StoredCredentials


class LoginMethod(Protocol):
    """One way in. What most ways have in common stands here.

    `keeps_device` says whether the device is remembered when the login fails.
    """

    username: str
    keeps_device: bool = True

    @property
    def secrets(self) -> tuple[str, ...]:
        """What is covered, beside the username, wherever a page repeats it in a screenshot."""
        return ()

    def start_from(self, device: BrowserSession) -> BrowserSession:
        """What the browser starts with."""
        return device

    async def sign_in(self, context: BrowserContext) -> None:
        """Returns once the browser is signed in; raises the typed errors of `shared.errors`."""
        ...

    def credentials_to_keep(self) -> StoredCredentials:
        """What is stored beside the session; asked once the browser is signed in."""
        return StoredCredentials()

    async def explain(self, error: JobError) -> JobError:
        """The error for the person, after writing down what a failed login means for this way in."""
        return error

    async def follow_up(self) -> None:
        """What this way in still has to tell after a login that went through."""
        return
