"""Refreshes the tokens of hosted sign-ins: one refresh at a time per session, over all threads and processes.

The right to refresh is a column of the session's row, taken by compare-and-set. No transaction stays open over the
call; the rotated tokens are stored before their first use, and a second caller reads them from the row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic, sleep
from typing import NoReturn
from uuid import UUID

from psycopg_pool import ConnectionPool

from shared import logs
from shared.db.pools import WebConnection
from shared.errors import AccountError, AccountRefused, AccountsAway, SessionOver
from shared.messages import Message
from shared.store.users import supabase_sessions
from shared.store.users.supabase_sessions import HeldTokens
from web.auth.identity import Tokens
from web.auth.supabase.access_tokens import TokenCheck
from web.auth.supabase.client import GoTrue, Scope
from web.auth.supabase.error_messages import ENDING, SAYINGS
from web.auth.supabase.token_cipher import TokenSeal

_log = logs.get("web.auth.supabase.token_refresh")
_EARLY = 60.0  # An access token is renewed this many seconds before its end.
_LOOK_AGAIN = 0.05
UNFINISHED = timedelta(minutes=15)
"""How long a sign-in may owe its second step, or its new password."""
_PAUSE = timedelta(seconds=15)


@dataclass(slots=True)
class HostedSessions:
    """`patience` is the longest time of one refresh before another process may take over."""

    pool: ConnectionPool[WebConnection]
    auth: GoTrue
    check: TokenCheck
    seal: TokenSeal
    patience: timedelta = timedelta(seconds=30)
    pause: Callable[[float], None] = sleep

    def freshen(self, session_id: UUID, user_id: UUID) -> HeldTokens:
        """Renews the tokens if it is time and no other process is doing so, and returns their state.

        SessionOver when Supabase ended the session, or when a required step was not done in time.
        """
        held = self.load_tokens(session_id)
        if held.seconds_due > UNFINISHED.total_seconds():
            self.end(session_id, user_id)
            raise SessionOver(Message("This sign-in was not finished in time."))
        if held.seconds_left > _EARLY or held.waits or held.claimed:
            return held
        if not self._claim(session_id, held):
            return held
        try:
            self._refresh(session_id, user_id, held)
        except AccountsAway:
            return held
        return self.load_tokens(session_id)

    def raise_level(self, session_id: UUID, user_id: UUID, factor_id: str, code: str) -> None:
        """Sends Supabase a code of the second factor and stores the raised tokens. AccountRefused for a wrong code."""
        access, held = self.access_token(session_id, user_id), self.load_tokens(session_id)
        fresh = self.auth.second_step(access, factor_id, code)
        if self.check.fresh(fresh.access) != user_id:
            raise AccountsAway
        sealed = self.seal.seal(fresh, user_id, session_id)
        with self.pool.connection() as conn:
            if not supabase_sessions.store_tokens(conn, session_id, held.version, sealed, fresh.lifetime):
                raise AccountsAway
            supabase_sessions.owe(conn, session_id, user_id, factor=False, password=held.password_due)
        _log.info("second_step_done", user_id=str(user_id))

    def record_password(self, session_id: UUID, user_id: UUID) -> None:
        """Clears the session's missing steps, and uses up the right to set a password."""
        with self.pool.connection() as conn:
            supabase_sessions.owe(conn, session_id, user_id, factor=False, password=False)

    def access_token(self, session_id: UUID, user_id: UUID) -> str:
        """A token that is valid for a while. SessionOver when there is none any more, AccountsAway when none now."""
        until = monotonic() + self.patience.total_seconds()
        while True:
            held = self.load_tokens(session_id)
            if held.seconds_left > _EARLY or (held.seconds_left > 1 and (held.claimed or held.waits)):
                return self.seal.open(held.sealed, user_id, session_id).access
            if held.waits or monotonic() > until:
                raise AccountsAway
            if not held.claimed and self._claim(session_id, held):
                return self._refresh(session_id, user_id, held).access
            self.pause(_LOOK_AGAIN)

    def end(self, session_id: UUID, user_id: UUID) -> bool:
        """Ends one session, here and at Supabase; False when the person has no such session."""
        with self.pool.connection() as conn:
            sealed = supabase_sessions.take(conn, session_id, user_id)
        if sealed is None:
            return False
        try:
            self.leave(self.seal.open(sealed, user_id, session_id))
        except SessionOver:
            _log.warning("tokens_unreadable")
        return True

    def end_at_supabase(self, session_id: UUID, user_id: UUID, scope: Scope) -> bool:
        """Ends sessions of the person at Supabase in the name of this one; False when Supabase was not reached."""
        try:
            self.auth.log_out(self.access_token(session_id, user_id), scope)
        except AccountError as error:
            _log.warning("log_out_not_told", scope=scope, error_code=error.code)
            return False
        return True

    def leave(self, tokens: Tokens) -> None:
        """Ends the sign-in of these tokens at Supabase, as far as it answers; they are useless afterwards."""
        try:
            if not self.auth.log_out(tokens.access, "local"):
                self.auth.log_out(self.auth.refresh(tokens.refresh).access, "local")
        except AccountRefused as refused:
            if refused.reason not in ENDING:
                _log.warning("log_out_not_told", scope="local", error_code=refused.reason)
        except AccountsAway as away:
            _log.warning("log_out_not_told", scope="local", error_code=away.code)

    def drop(self, session_id: UUID, user_id: UUID) -> None:
        """Forgets a session that Supabase has ended."""
        with self.pool.connection() as conn:
            supabase_sessions.take(conn, session_id, user_id)

    def load_tokens(self, session_id: UUID) -> HeldTokens:
        """The session's tokens and their state; SessionOver without any."""
        with self.pool.connection() as conn:
            held = supabase_sessions.tokens(conn, session_id)
        if held is None:
            raise SessionOver
        return held

    def _claim(self, session_id: UUID, held: HeldTokens) -> bool:
        with self.pool.connection() as conn:
            return supabase_sessions.claim_refresh(conn, session_id, held.version, self.patience)

    def _refresh(self, session_id: UUID, user_id: UUID, held: HeldTokens) -> Tokens:
        try:
            fresh = self.auth.refresh(self.seal.open(held.sealed, user_id, session_id).refresh)
            if self.check.fresh(fresh.access) != user_id:
                raise AccountsAway
        except AccountRefused as refused:
            if refused.reason not in ENDING:
                self._postpone(session_id, held)
                raise AccountsAway from None
            self._over(session_id, user_id, refused)
        except SessionOver:
            self.drop(session_id, user_id)
            raise
        except AccountError:
            self._postpone(session_id, held)
            raise
        return self._stored(session_id, user_id, held, fresh)

    def _stored(self, session_id: UUID, user_id: UUID, held: HeldTokens, fresh: Tokens) -> Tokens:
        sealed = self.seal.seal(fresh, user_id, session_id)
        with self.pool.connection() as conn:
            if supabase_sessions.store_tokens(conn, session_id, held.version, sealed, fresh.lifetime):
                if fresh.factor_due:
                    supabase_sessions.owe(conn, session_id, user_id, factor=True, password=held.password_due)
                _log.info("tokens_refreshed", user_id=str(user_id))
                return fresh
            newer = supabase_sessions.tokens(conn, session_id)
        if newer is not None:
            return self.seal.open(newer.sealed, user_id, session_id)
        # The session ended while Supabase answered: the new tokens must not live on there.
        self.leave(fresh)
        raise SessionOver

    def _postpone(self, session_id: UUID, held: HeldTokens) -> None:
        with self.pool.connection() as conn:
            supabase_sessions.postpone_refresh(conn, session_id, held.version, _PAUSE)

    def _over(self, session_id: UUID, user_id: UUID, refused: AccountRefused) -> NoReturn:
        self.drop(session_id, user_id)
        _log.warning("session_ended_by_supabase", user_id=str(user_id), error_code=refused.reason)
        saying = SAYINGS[refused.reason]
        raise SessionOver(saying.sentence, next_step=saying.next_step) from None
