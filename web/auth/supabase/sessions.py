"""Web sessions of a hosted identity: begun with its tokens, valid as long as these, ended on both sides."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from flask import flash
from psycopg.errors import ForeignKeyViolation

from shared.db.pools import WebConnection
from shared.errors import DatabaseError, SessionOver
from shared.store.users import supabase_sessions
from web.auth.identity import Tokens
from web.auth.supabase.identity import HostedIdentity
from web.http.client_address import of_caller
from web.http.fields import user_agent
from web.services import services


class Standing(StrEnum):
    """The rights of a web session: everything, nothing, or only the page of a step that it still needs."""

    IN = "in"
    OUT = "out"
    FACTOR_DUE = "factor_due"
    RENEWAL_DUE = "renewal_due"


PAGES = {Standing.FACTOR_DUE: "/login/second-step", Standing.RENEWAL_DUE: "/password/new"}
"""Where a sign-in that owes something is led, whatever it asked for."""


def supabase_identity() -> HostedIdentity | None:
    """The identity when Supabase keeps the accounts, None with local accounts."""
    identity = services().identity
    return identity if isinstance(identity, HostedIdentity) else None


def begin(
    conn: WebConnection,
    session_id: UUID,
    user_id: UUID,
    token_hash: bytes,
    lifetime: timedelta,
    tokens: Tokens,
    *,
    password_due: bool = False,
) -> bool:
    """Opens a session with the tokens; False for an account that is being deleted, which gets none."""
    identity = supabase_identity()
    if identity is None:
        raise AssertionError("tokens without a hosted identity")
    sealed = identity.sessions.seal.seal(tokens, user_id, session_id)
    agent, address = user_agent(), of_caller()
    try:
        supabase_sessions.open_session(
            conn, session_id, user_id, token_hash, lifetime, agent, address, sealed, tokens.lifetime
        )
        supabase_sessions.owe(conn, session_id, user_id, factor=tokens.factor_due, password=password_due)
    except ForeignKeyViolation:
        raise DatabaseError(
            "This account is at Supabase, but not in the database that Rollcall uses.",
            next_step="Whoever runs this installation has to set DATABASE_URL to the project's own database.",
        ) from None
    return supabase_sessions.tokens(conn, session_id) is not None


def standing(session_id: UUID, user_id: UUID) -> Standing:
    """The standing of the sign-in. It stays the same while Supabase does not answer."""
    identity = supabase_identity()
    if identity is None:
        return Standing.IN
    try:
        held = identity.sessions.freshen(session_id, user_id)
    except SessionOver as over:
        identity.sessions.drop(session_id, user_id)
        flash(over.message, "danger")
        return Standing.OUT
    if held.factor_due:
        return Standing.FACTOR_DUE
    return Standing.RENEWAL_DUE if held.password_due else Standing.IN
