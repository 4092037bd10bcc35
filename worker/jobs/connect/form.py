"""The login form: the username and password that the person entered, and codes that the person is asked for."""

from __future__ import annotations

from asyncio import Future
from dataclasses import replace
from functools import partial

from playwright.async_api import BrowserContext

from shared.domain.jobs import CodeMethod, InputRequest
from worker.jobs.connect import relogin
from worker.jobs.connect.code_prompt import CodePrompt
from worker.jobs.connect.connection import ConnectionContext, StoredCredentials
from worker.jobs.connect.credentials import FormCredentials, stored_text
from worker.jobs.connect.method import LoginMethod
from worker.platforms.login import CodeReply


class FormLogin(LoginMethod):
    """Fills the form; keeps the password where the person wants it kept and no code was needed from them."""

    def __init__(self, connection: ConnectionContext, entered: FormCredentials) -> None:
        self._connection, self._entered = connection, entered
        totp_secret = entered.details.totp_secret or connection.totp_secret
        self._details = replace(entered.details, totp_secret=totp_secret)
        self._prompt = CodePrompt(connection)
        self.username = self._details.username

    @property
    def secrets(self) -> tuple[str, ...]:
        return self._details.secrets

    async def sign_in(self, context: BrowserContext) -> None:
        await self._connection.login.sign_in(context, self._details, partial(self._ask, context))

    def credentials_to_keep(self) -> StoredCredentials:
        is_kept = self._entered.log_in_again and not self._prompt.asked
        login = stored_text(self._details) if is_kept else None
        return StoredCredentials(self._entered.details.totp_secret, login, replaces_login=True)

    async def follow_up(self) -> None:
        if self._entered.log_in_again and self._prompt.asked:
            await relogin.tell_not_kept(self._connection)

    async def _ask(
        self, context: BrowserContext, request: InputRequest, moved: Future[None] | None = None
    ) -> CodeReply:
        # An approval is good for the device that asked for it, whatever becomes of this worker meanwhile.
        if request.method is CodeMethod.APPROVAL:
            await self._connection.keep_device(context)
        return await self._prompt(request, moved)
