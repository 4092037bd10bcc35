"""Connections for their owner: each with its profile, its state, and what its jobs came to last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.db.statements import statements
from shared.error_text import message

with statements(__file__) as named:
    _ROWS = named("rows")


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """`synced_at` is the end of the newest sync that went through, `error_code` what the newest failed job met."""

    id: UUID
    profile_id: UUID
    platform: str
    username: str
    timezone: str
    method: str
    state: str
    state_code: str | None
    state_params: Mapping[str, Any]
    state_since: datetime
    cooldown_until: datetime | None
    scopes: Sequence[str]
    expires_at: datetime | None
    refreshed_at: datetime | None
    created_at: datetime
    synced_at: datetime | None
    error_code: str | None
    error_params: Mapping[str, Any] | None
    failed_at: datetime | None

    @property
    def state_reason(self) -> str | None:
        """What the person reads of the cause of the state; None where there is nothing to say."""
        return message(self.state_code, self.state_params, self.platform)

    @property
    def error_message(self) -> str | None:
        """What the person reads of the newest failure; None where no job of it failed."""
        return message(self.error_code, self.error_params or {}, self.platform)


def rows(conn: WebConnection, profile_id: UUID | None = None) -> list[ConnectionRow]:
    """The connections of the person of this transaction, or those of one profile; a disconnected one is left out."""
    with conn.cursor(row_factory=class_row(ConnectionRow)) as cursor:
        return cursor.execute(_ROWS, {"profile_id": profile_id}).fetchall()
