"""Questions to the person on the job's page while a login runs: for a code, or for an approval."""

from __future__ import annotations

import json
from asyncio import Future
from datetime import UTC, datetime

from shared.domain.jobs import InputRequest
from shared.errors import SealedExpired
from shared.vault import Purpose
from worker.jobs.connect.connection import ConnectionContext
from worker.platforms.login import CodeReply


class CodePrompt:
    """Asks the person through the job's page; `asked` tells whether that was needed."""

    def __init__(self, connection: ConnectionContext) -> None:
        self._ctx, self._services = connection.ctx, connection.services
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
