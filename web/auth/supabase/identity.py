"""The hosted identity: accounts at Supabase, and sessions here with its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from shared.errors import AccountError, AccountRefused
from web.auth.identity import Entry, MailSent, Tokens
from web.auth.supabase.constant_time import Evenly

if TYPE_CHECKING:
    from web.auth.supabase.access_tokens import TokenCheck
    from web.auth.supabase.client import GoTrue
    from web.auth.supabase.token_refresh import HostedSessions

SIGN_UP, RECOVERY, EMAIL_CHANGE = "signup", "recovery", "email_change"
KINDS = (SIGN_UP, RECOVERY, EMAIL_CHANGE)
LINK_PATH = "/auth/link"


@dataclass(slots=True)
class HostedIdentity:
    """`public_url` is the destination of links in mails; strangers' requests are answered `evenly`."""

    auth: GoTrue
    check_token: TokenCheck
    sessions: HostedSessions
    public_url: str
    evenly: Evenly = field(default_factory=Evenly)

    def sign_up(self, email: str, password: str) -> Entry | MailSent | None:
        try:
            with self.evenly():
                tokens, verifier = self.auth.sign_up(email, password, self._back(SIGN_UP))
        except AccountRefused as refused:
            if refused.reason == "user_already_exists":
                return None
            raise
        return self._entry(tokens) if tokens else MailSent(verifier)

    def check(self, email: str, password: str) -> Entry | None:
        """Raises AccountRefused where the password may be right and the person may still not come in."""
        with self.evenly():
            return self._checked(email, password)

    def _checked(self, email: str, password: str) -> Entry | None:
        if not email or not password:
            return None
        try:
            return self._entry(self.auth.sign_in(email, password))
        except AccountRefused as refused:
            if refused.reason == "invalid_credentials":
                return None
            raise

    def change_password(
        self, user_id: UUID, email: str, old: str, new: str, access_token: str | None = None
    ) -> Entry | None:
        """Raises AccountRefused for a new password that Supabase does not accept.

        The entry has a session of its own. It has none for an account with a second factor, which a fresh sign-in did
        not show: then the change is made with `access_token`, of the session that did.
        """
        fresh = self._tokens_of(user_id, email, old)
        if fresh is None:
            return None
        if fresh.factor_due:
            self.sessions.leave(fresh)
            self.auth.set_password(access_token or "", new, old)
            return Entry(user_id)
        try:
            self.auth.set_password(fresh.access, new, old)
        except AccountError:
            self.sessions.leave(fresh)
            raise
        return Entry(user_id, fresh)

    def set_password(self, access_token: str, new: str, current: str = "") -> None:
        """Sets a password for a person who came by a link; raises AccountRefused.

        Repeating the present password counts as setting it; all other sessions of the account end.
        """
        try:
            self.auth.set_password(access_token, new, current)
        except AccountRefused as refused:
            if refused.reason != "same_password":
                raise
            self.auth.log_out(access_token, "others")

    def ask_reset(self, email: str) -> MailSent:
        """Sends a link where there is such an account, and does not reveal whether there is."""
        with self.evenly():
            return MailSent(self.auth.ask_reset(email, self._back(RECOVERY)))

    def resend(self, email: str) -> None:
        """Sends the mail of a pending sign-up again."""
        with self.evenly():
            self.auth.resend(email, self._back(SIGN_UP))

    def ask_email(
        self, user_id: UUID, email: str, password: str, new: str, access_token: str | None = None
    ) -> MailSent | None:
        """Sends links that change the address; None when the password is wrong.

        `access_token` is of the person's own session, which did the second step where the account has one.
        """
        fresh = self._tokens_of(user_id, email, password)
        if fresh is None:
            return None
        try:
            asking = access_token if fresh.factor_due and access_token else fresh.access
            return MailSent(self.auth.ask_email(asking, new, self._back(EMAIL_CHANGE)))
        finally:
            self.sessions.leave(fresh)

    def follow(self, kind: str, token_hash: str) -> Entry | None:
        """The person of a link with a token hash; None for the first half of a change of address."""
        tokens = self.auth.verify(token_hash, kind)
        return self._entry(tokens) if tokens else None

    def follow_code(self, kind: str, code: str, verifiers: Sequence[str]) -> Entry:
        """The person of a link through Supabase's own address; one of the browser's proofs has to fit."""
        *earlier, last = verifiers
        for verifier in earlier:
            try:
                return self._entry(self.auth.exchange(code, verifier, self._back(kind)))
            except AccountRefused as refused:
                if refused.reason != "bad_code_verifier":
                    raise
        return self._entry(self.auth.exchange(code, last, self._back(kind)))

    def close(self) -> None:
        """Closes the connections to Supabase."""
        self.auth.close()

    def _tokens_of(self, user_id: UUID, email: str, password: str) -> Tokens | None:
        """A fresh sign-in of exactly this account, which is ended again later; None when the password is wrong."""
        entry = self._checked(email, password)
        if entry is None or entry.tokens is None:
            return None
        if entry.user_id == user_id:
            return entry.tokens
        self.sessions.leave(entry.tokens)
        return None

    def _entry(self, tokens: Tokens) -> Entry:
        return Entry(self.check_token.fresh(tokens.access), tokens)

    def _back(self, kind: str) -> str:
        return f"{self.public_url}{LINK_PATH}/{kind}"
