"""The hosted identity: accounts at Supabase, sessions here that carry its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from shared.errors import AccountError, AccountRefused
from web.identity import Entry, MailSent, Tokens

if TYPE_CHECKING:
    from web.hosted.gotrue import GoTrue
    from web.hosted.keeper import Keeper
    from web.hosted.verify import TokenCheck

SIGN_UP, RECOVERY, EMAIL_CHANGE = "signup", "recovery", "email_change"
KINDS = (SIGN_UP, RECOVERY, EMAIL_CHANGE)
LINK_PATH = "/auth/link"


@dataclass(slots=True)
class HostedIdentity:
    """`public_url` is where links in mails lead back to."""

    auth: GoTrue
    check_token: TokenCheck
    keeper: Keeper
    public_url: str

    def sign_up(self, email: str, password: str) -> Entry | MailSent | None:
        try:
            tokens, verifier = self.auth.sign_up(email, password, self._back(SIGN_UP))
        except AccountRefused as refused:
            if refused.reason == "user_already_exists":
                return None
            raise
        return self._entry(tokens) if tokens else MailSent(verifier)

    def check(self, email: str, password: str) -> Entry | None:
        """Raises AccountRefused where the password may be right and nobody may come in nevertheless."""
        if not email or not password:
            return None
        try:
            return self._entry(self.auth.sign_in(email, password))
        except AccountRefused as refused:
            if refused.reason == "invalid_credentials":
                return None
            raise

    def change_password(self, user_id: UUID, email: str, old: str, new: str) -> Entry | None:
        """Raises AccountRefused for a new password that Supabase does not take. The entry has a session of its own."""
        fresh = self._tokens_of(user_id, email, old)
        if fresh is None:
            return None
        try:
            self.auth.set_password(fresh.access, new)
        except AccountError:
            self.keeper.leave(fresh)
            raise
        return Entry(user_id, fresh)

    def set_password(self, access_token: str, new: str) -> None:
        """Sets a password for somebody who came by a link; raises AccountRefused."""
        self.auth.set_password(access_token, new)

    def ask_reset(self, email: str) -> MailSent:
        """Has a link sent where there is such an account, and says nothing of whether there is."""
        return MailSent(self.auth.ask_reset(email, self._back(RECOVERY)))

    def resend(self, email: str) -> None:
        """Has the mail of a sign-up sent again where one waits."""
        self.auth.resend(email, self._back(SIGN_UP))

    def ask_email(self, user_id: UUID, email: str, password: str, new: str) -> MailSent | None:
        """Has links sent that change the address; None when the password is wrong."""
        fresh = self._tokens_of(user_id, email, password)
        if fresh is None:
            return None
        try:
            return MailSent(self.auth.ask_email(fresh.access, new, self._back(EMAIL_CHANGE)))
        finally:
            self.keeper.leave(fresh)

    def follow(self, kind: str, token_hash: str) -> Entry | None:
        """Who comes by a link that carries a token hash; None for the first half of a change of address."""
        tokens = self.auth.verify(token_hash, kind)
        return self._entry(tokens) if tokens else None

    def follow_code(self, kind: str, code: str, verifier: str) -> Entry:
        """Who comes by a link that went through Supabase's own address."""
        return self._entry(self.auth.exchange(code, verifier, self._back(kind)))

    def close(self) -> None:
        """Closes the connections to Supabase."""
        self.auth.close()

    def _tokens_of(self, user_id: UUID, email: str, password: str) -> Tokens | None:
        """A fresh sign-in of this very account, which its owner leaves again; None when the password is wrong."""
        entry = self.check(email, password)
        if entry is None or entry.tokens is None:
            return None
        if entry.user_id == user_id:
            return entry.tokens
        self.keeper.leave(entry.tokens)
        return None

    def _entry(self, tokens: Tokens) -> Entry:
        return Entry(self.check_token.fresh(tokens.access), tokens)

    def _back(self, kind: str) -> str:
        return f"{self.public_url}{LINK_PATH}/{kind}"
