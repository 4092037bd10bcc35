"""The stored password: a login without the person, only where they wanted it, and never past a question."""

from __future__ import annotations

from asyncio import Future

from playwright.async_api import BrowserContext

from shared.domain.jobs import InputRequest
from shared.errors import JobError, NobodyAnswered, SecretsGone
from worker.jobs.connect import relogin
from worker.jobs.connect.connection import ConnectionContext
from worker.jobs.connect.credentials import stored_details
from worker.jobs.connect.method import LoginMethod
from worker.platforms.login import CodeReply


class StoredPasswordLogin(LoginMethod):
    """Fills the form with what is stored; a failed login erases the password unless the fault passes."""

    def __init__(self, connection: ConnectionContext) -> None:
        """Raises SecretsGone where there is no stored password any more."""
        text = connection.login_secret
        if text is None:
            raise SecretsGone().as_variant("password")
        self._connection = connection
        self._details = stored_details(text, connection.totp_secret)
        self.username = self._details.username

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._details.secrets

    async def sign_in(self, context: BrowserContext) -> None:
        await self._connection.login.sign_in(context, self._details, _refuse)

    async def explain(self, error: JobError) -> JobError:
        await relogin.record_failure(self._connection, error)
        return error


async def _refuse(request: InputRequest, moved: Future[None] | None = None) -> CodeReply:
    raise NobodyAnswered().as_variant("absent")
