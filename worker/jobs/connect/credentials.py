"""What a person entered to connect: sealed by the web for one job, opened here and nowhere else."""

from __future__ import annotations

import json
from asyncio import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.domain.input.totp import normalise
from shared.domain.jobs import InputRequest
from shared.errors import SealedExpired, SecretsGone, VaultError
from shared.vault import Purpose
from worker.jobs.base import JobContext
from worker.platforms.login import CodeReply, LoginDetails
from worker.services import Services


@dataclass(frozen=True, slots=True)
class FormLogin:
    """Username and password; `log_in_again` when they may be kept for the day the session ends."""

    details: LoginDetails
    log_in_again: bool = False


@dataclass(frozen=True, slots=True)
class CookieLogin:
    """The cookies of the person's own browser, in the form of a storage state."""

    username: str
    cookies: list[dict[str, Any]] = field(repr=False)


def opened(ctx: JobContext, services: Services) -> FormLogin | CookieLogin:
    """What was sealed for this job; raises SecretsGone when it was erased, is too old or is not for this job."""
    job = ctx.job
    if job.sealed is None:
        raise SecretsGone
    try:
        text = services.keyring.open(
            job.sealed, purpose=Purpose.LOGIN, user_id=job.user_id, subject_id=job.id, now=datetime.now(UTC)
        )
    except VaultError as error:
        raise SecretsGone(error.sentence, next_step=error.next_step) from None
    try:
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SecretsGone("What was entered has a form that this worker does not know.") from None


def _read(entered: dict[str, Any]) -> FormLogin | CookieLogin:
    username = str(entered["username"])
    if "cookies" in entered:
        return CookieLogin(username, [dict(cookie) for cookie in entered["cookies"]])
    totp_secret = normalise(entered["totp_secret"]) if entered.get("totp_secret") else None
    details = LoginDetails(username, str(entered["password"]), totp_secret)
    return FormLogin(details, entered.get("log_in_again") is True)


class Asking:
    """Asks the person through the job's page; `asked` tells whether that was needed."""

    def __init__(self, ctx: JobContext, services: Services) -> None:
        self._ctx, self._services = ctx, services
        self.asked = False

    async def __call__(self, request: InputRequest, moved: Future[None] | None = None) -> CodeReply:
        self.asked = True
        self._ctx.progress("code", 0, None)
        sealed = await self._answer(request, moved)
        self._ctx.progress("login", 0, None)
        return CodeReply() if sealed is None else self._reply(sealed)

    async def _answer(self, request: InputRequest, moved: Future[None] | None) -> bytes | None:
        wait = self._services.settings.code_wait
        if moved is None:
            return await self._ctx.ask(request, wait)
        return await self._ctx.ask_unless(request, wait, moved)

    def _reply(self, sealed: bytes) -> CodeReply:
        job = self._ctx.job
        try:
            answer = self._services.keyring.open(
                sealed, purpose=Purpose.CODE, user_id=job.user_id, subject_id=job.id, now=datetime.now(UTC)
            )
            return CodeReply.from_json(json.loads(answer))
        except (SealedExpired, ValueError, KeyError, TypeError):
            return CodeReply()
