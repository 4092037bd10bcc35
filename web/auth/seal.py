"""Seals a person's entries, so that only the worker can read them (R-1)."""

from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WebConnection
from shared.vault import Purpose
from web.services import services

_EXPIRY: LiteralString = "select now() + %s as expires_at"


def seal(
    conn: WebConnection, text: str, purpose: Purpose, user_id: UUID, job_id: UUID, lifetime: timedelta
) -> tuple[bytes, datetime]:
    """The text sealed for one job, and its expiry by the database's clock."""
    (row,) = conn.execute(_EXPIRY, [lifetime]).fetchall()
    expires_at: datetime = row["expires_at"]
    sealed = services().sealing_key.seal(
        text.encode(), purpose=purpose, user_id=user_id, subject_id=job_id, expires_at=expires_at
    )
    return sealed, expires_at
