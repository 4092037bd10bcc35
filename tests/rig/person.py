"""The person beside the phone: answers what a job asks, as soon as it is asked."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import LiteralString
from uuid import UUID

from sandbox.crowd import Member
from shared.domain.jobs import CodeMethod, InputRequest
from shared.vault import Purpose
from shared.vault.sealing import SealingKey
from tests.rig.audit import Owner

_ASKED: LiteralString = """
    select id, user_id, profile_id, input_request from public.sync_jobs
    where state = 'NEEDS_INPUT' and sealed_input is null and profile_id = any(%s)
"""
_ANSWER: LiteralString = "update public.sync_jobs set sealed_input = %s where id = %s and state = 'NEEDS_INPUT'"
_LIFETIME = timedelta(minutes=10)


def answer_questions(conn: Owner, key: SealingKey, members: Mapping[UUID, Member]) -> None:
    """Answers each open question with what the phone shows, and says yes to what the phone asks."""
    for job in conn.execute(_ASKED, [list(members)]).fetchall():
        member = members[job["profile_id"]]
        method = InputRequest.from_json(job["input_request"]).method
        if method is CodeMethod.APPROVAL:
            approve(member)
            continue
        sealed = key.seal(
            json.dumps({"code": code_for(member, method)}).encode(),
            purpose=Purpose.CODE,
            user_id=job["user_id"],
            subject_id=job["id"],
            expires_at=datetime.now(UTC) + _LIFETIME,
        )
        conn.execute(_ANSWER, [sealed, job["id"]])


def code_for(member: Member, method: CodeMethod) -> str:
    """The code that the person would read off: the authenticator's, a backup code, or the newest message's."""
    account = member.site.account
    if method is CodeMethod.TOTP:
        return account.current_totp() or ""
    if method is CodeMethod.BACKUP:
        return account.backup_codes[0]
    return account.messages[-1].code if account.messages else "000000"


def approve(member: Member) -> None:
    """Says yes on the phone; where nothing is asked there, it changes nothing."""
    url = f"{member.credentials.url}/_sandbox/phone/{member.username}/approve"
    with suppress(urllib.error.HTTPError):
        urllib.request.urlopen(urllib.request.Request(url, b"{}", method="POST"), timeout=30).close()
