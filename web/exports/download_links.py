"""Links to export files: signed, for one person, for a short time. Pure: the time is passed in."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from web.auth.signing import links

_PURPOSE = "export download"


class Link(Enum):
    """The state of a link for the person who opened it."""

    GOOD = "good"
    OVER = "over"
    FOREIGN = "foreign"


def sign(secret_key: str, export_id: UUID, user_id: UUID, until: datetime) -> str:
    """A token for this person and this export, valid until then; letters, digits, `.`, `_` and `-` only."""
    token = _serializer(secret_key).dumps([export_id.hex, user_id.hex, int(until.timestamp())])
    return token if isinstance(token, str) else token.decode("ascii")


def read(secret_key: str, token: str, export_id: UUID, user_id: UUID, now: datetime) -> Link:
    """FOREIGN for a token that is not ours, or is for another person or export; OVER when its time has passed."""
    try:
        found = _serializer(secret_key).loads(token)
    except (BadData, UnicodeEncodeError):
        return Link.FOREIGN
    if not isinstance(found, list) or found[:2] != [export_id.hex, user_id.hex]:
        return Link.FOREIGN
    return Link.GOOD if now < datetime.fromtimestamp(found[2], now.tzinfo) else Link.OVER


def lasts(link_lifetime: timedelta, now: datetime, expires_at: datetime | None) -> datetime:
    """The end of a link made now: never later than its file's."""
    until = now + link_lifetime
    return until if expires_at is None else min(until, expires_at)


def _serializer(secret_key: str) -> URLSafeSerializer:
    return links(secret_key, _PURPOSE)
