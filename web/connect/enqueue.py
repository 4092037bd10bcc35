"""Enqueues a LOGIN job with a person's entries, sealed for the worker; the same for every way in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import flash

from shared import logs
from shared.domain import zones
from shared.domain.jobs import JobKind
from shared.errors import InputError
from shared.messages import Message
from shared.platforms import label_of
from shared.store.profiles import connections, profiles
from shared.store.profiles.profiles import ProfileState
from shared.store.queue import jobs
from shared.vault import Purpose
from web.auth.seal import seal
from web.auth.session import database
from web.text.values import clock
from web.translation import _

_BEING_DELETED = Message("This profile is being deleted. Wait until it is gone, then connect again.")
_log = logs.get("web.connect.login_form")
_LOGIN_LIFETIME = timedelta(minutes=15)


def _in_cooldown(platform: str, until: str) -> Message:
    return Message(
        "This profile is in a cool-down until %(until)s, because %(platform)s suspects automated behaviour. "
        "Wait until then, or end the cool-down in the profile's settings first.",
        platform=label_of(platform),
        until=until,
    )


def known_timezone(name: str) -> str:
    """The name if it is a time zone's, else UTC."""
    return name if name in zones.names() else zones.UTC_NAME


def enqueue_login(user_id: UUID, platform: str, username: str, timezone: str, entered: dict[str, Any]) -> UUID:
    """The job that opens `entered`; the profile and its connection are made or reused.

    Raises InputError while the profile is being deleted, and in a cool-down because the platform suspects automation:
    it should not see one more login then. Any other cool-down comes from syncs, and a person may log in during it.

    A login that is live already stays, the new entries are not used, and the next page says so.
    """
    job_id = uuid4()
    with database() as conn:
        profile = profiles.find_or_add(conn, user_id, platform, username, timezone)
        if profile.state == ProfileState.DELETING:
            raise InputError(_BEING_DELETED)
        until = profile.cooldown_until if profile.state == ProfileState.COOLING_DOWN else None
        if until is not None and until > datetime.now(UTC):
            raise InputError(_in_cooldown(platform, clock(until, profile.timezone)))
        connections.begin(conn, profile.id)
        text = json.dumps({"username": username, **entered})
        sealed, expires_at = seal(conn, text, Purpose.LOGIN, user_id, job_id, _LOGIN_LIFETIME)
        made_id, created = jobs.enqueue(
            conn, user_id, profile.id, JobKind.LOGIN, job_id=job_id, sealed=sealed, sealed_expires_at=expires_at
        )
    if not created:
        flash(_("A login for this account was already under way; what you entered now was not used."), "warning")
    _log.info("login_enqueued", job_id=str(made_id), created=created, by_cookies="cookies" in entered)
    return made_id
