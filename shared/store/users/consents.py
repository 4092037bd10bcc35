"""Consents under way, from the button until the provider's answer: each state is good once, for one sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WebConnection


class StateFault(StrEnum):
    """The reasons for which the answer of a consent page is not used."""

    UNKNOWN = "unknown"
    """It was never given out, to another person, or days ago."""
    EXPIRED = "expired"
    USED = "used"
    OTHER_PROVIDER = "other_provider"
    OTHER_SIGN_IN = "other_sign_in"


@dataclass(frozen=True, slots=True)
class Begun:
    """A consent page that was opened: by whom, in which sign-in, at which provider, and where it leads back to."""

    user_id: UUID
    session_id: UUID
    provider: str
    platform: str
    way_in: str
    redirect_uri: str
    timezone: str
    in_popup: bool


_BEGIN: LiteralString = """
    insert into public.oauth_states (state_hash, user_id, session_id, provider, platform, way_in, redirect_uri,
        timezone, in_popup, expires_at)
    values (%(state_hash)s, %(user_id)s, %(session_id)s, %(provider)s, %(platform)s, %(way_in)s, %(redirect_uri)s,
        %(timezone)s, %(in_popup)s, now() + %(lifetime)s)
"""
# Whatever comes of it, a state is used by the first answer that names it.
_TAKE: LiteralString = """
    with found as (
        select state_hash, used_at is not null as was_used, expires_at <= now() as is_over
        from public.oauth_states where state_hash = %s for update
    ), used as (
        update public.oauth_states s set used_at = coalesce(s.used_at, now()) from found
        where s.state_hash = found.state_hash returning s.*
    )
    select user_id, session_id, provider, platform, way_in, redirect_uri, timezone, in_popup, was_used, is_over
    from used join found using (state_hash)
"""


def begin(conn: WebConnection, begun: Begun, state_hash: bytes, lifetime: timedelta) -> None:
    """Remembers a state by its hash."""
    values = {
        "user_id": begun.user_id,
        "session_id": begun.session_id,
        "provider": begun.provider,
        "platform": begun.platform,
        "way_in": begun.way_in,
        "redirect_uri": begun.redirect_uri,
        "timezone": begun.timezone,
        "in_popup": begun.in_popup,
    }
    conn.execute(_BEGIN, values | {"state_hash": state_hash, "lifetime": lifetime})


def take(
    conn: WebConnection, state_hash: bytes, provider: str, session_id: UUID
) -> tuple[Begun | None, StateFault | None]:
    """The consent of this state, and why its answer is not used; None where it is used now.

    The consent is None for a state that is not the signed-in person's.
    """
    row = conn.execute(_TAKE, [state_hash]).fetchone()
    if row is None:
        return None, StateFault.UNKNOWN
    was_used, is_over = row.pop("was_used"), row.pop("is_over")
    begun = Begun(**row)
    if was_used:
        return begun, StateFault.USED
    if begun.provider != provider:
        return begun, StateFault.OTHER_PROVIDER
    if begun.session_id != session_id:
        return begun, StateFault.OTHER_SIGN_IN
    return begun, StateFault.EXPIRED if is_over else None
