"""The questions about accounts on the job's page: which of several is connected, and whether two are one."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from shared.domain.jobs import NOT_THE_SAME, AccountChoice, CodeMethod, InputRequest
from shared.errors import NobodyAnswered, SealedExpired
from shared.messages import Message
from shared.vault import Purpose
from worker.jobs.base import JobContext
from worker.platforms.authorization import OfferedAccount
from worker.services import Services

_NOT_OFFERED = Message("Choose one of these accounts.")


async def choose(
    ctx: JobContext, services: Services, offered: Sequence[OfferedAccount], connected: Collection[str]
) -> OfferedAccount:
    """The only account, or the one that the person chose; raises NobodyAnswered when no one did in time."""
    if len(offered) == 1:
        return offered[0]
    ctx.progress("account", 0, None)
    choices = tuple(
        AccountChoice(str(one.platform_id), one.username, one.display_name, one.platform_id in connected)
        for one in offered
    )
    request = InputRequest(CodeMethod.ACCOUNT, choices=choices)
    while True:
        wanted = await _asked(ctx, services, request)
        for one in offered:
            if one.platform_id == wanted:
                return one
        request = replace(request, error=_NOT_OFFERED)


async def is_same(ctx: JobContext, services: Services, profile_id: UUID, username: str) -> bool:
    """Whether the account is the one of this profile, as the person says; raises NobodyAnswered."""
    ctx.progress("account", 0, None)
    known = AccountChoice(str(profile_id), username)
    request = InputRequest(CodeMethod.SAME_ACCOUNT, choices=(known,))
    while True:
        answer = await _asked(ctx, services, request)
        if answer in (known.id, NOT_THE_SAME):
            return answer == known.id
        request = replace(request, error=_NOT_OFFERED)


async def _asked(ctx: JobContext, services: Services, request: InputRequest) -> str:
    """The id in the person's answer; empty for an answer that cannot be used."""
    job = ctx.job
    try:
        sealed = await ctx.ask(request, services.settings.code_wait)
    except NobodyAnswered:
        raise NobodyAnswered().as_variant("account") from None
    try:
        answer = services.keyring.open(
            sealed, purpose=Purpose.CODE, user_id=job.user_id, subject_id=job.id, now=datetime.now(UTC)
        )
        return str(json.loads(answer)["account"])
    except (SealedExpired, ValueError, KeyError, TypeError):
        return ""
