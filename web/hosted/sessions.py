"""Web sessions of a hosted identity: begun with its tokens, kept while it keeps them, ended on both sides."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from flask import flash, request
from psycopg.errors import ForeignKeyViolation

from shared.db.pools import WebConnection
from shared.errors import AccountsAway, DatabaseError, SessionOver
from shared.store import hosted_sessions
from web.addresses import of_caller
from web.hosted.identity import HostedIdentity
from web.identity import Tokens
from web.parts import parts


def hosted() -> HostedIdentity | None:
    """The identity when Supabase keeps the accounts, None when this installation does."""
    identity = parts().identity
    return identity if isinstance(identity, HostedIdentity) else None


def begin(
    conn: WebConnection, session_id: UUID, user_id: UUID, token_hash: bytes, lifetime: timedelta, tokens: Tokens
) -> None:
    """Opens a session that carries the tokens; only a hosted identity gives any."""
    identity = hosted()
    if identity is None:
        raise AssertionError("tokens without a hosted identity")
    sealed = identity.keeper.seal.seal(tokens, user_id, session_id)
    agent, address = request.headers.get("User-Agent", ""), of_caller()
    try:
        hosted_sessions.open_session(
            conn, session_id, user_id, token_hash, lifetime, agent, address, sealed, tokens.lifetime
        )
    except ForeignKeyViolation:
        raise DatabaseError(
            "This account is at Supabase, but not in the database that Rollcall uses.",
            next_step="Whoever runs this installation has to set DATABASE_URL to the project's own database.",
        ) from None


def still_in(session_id: UUID, user_id: UUID) -> bool:
    """Whether the sign-in goes on: always where accounts are kept here, and while Supabase does not answer."""
    identity = hosted()
    if identity is None:
        return True
    try:
        identity.keeper.freshen(session_id, user_id)
    except SessionOver as over:
        identity.keeper.drop(session_id, user_id)
        flash(over.message, "danger")
        return False
    except AccountsAway:
        return True
    return True
