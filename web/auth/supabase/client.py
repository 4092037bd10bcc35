"""Calls Supabase Auth by its own client: one client per identity and call, over one pool of connections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, cast

import httpx
import jwt
from supabase.lib.client_options import SyncClientOptions
from supabase_auth import SyncSupportedStorage
from supabase_auth.errors import AuthApiError, AuthError, AuthRetryableError, AuthWeakPasswordError
from supabase_auth.types import AuthResponse, EmailOtpType, Session, User, UserAttributes

from shared import logs
from shared.errors import AccountError, AccountRefused, AccountsAway
from supabase import Client, create_client
from web.auth.identity import Tokens
from web.auth.supabase.error_messages import SAYINGS, refusal

_log = logs.get("web.auth.supabase.client")
_RAISED = "aal2"
_GONE = (401, 403, 404)
Scope = Literal["local", "others", "global"]


class _Verifier(SyncSupportedStorage):
    """Catches the verifier of a request that sends a link."""

    def __init__(self) -> None:
        self.text = ""

    def get_item(self, key: str) -> str | None:
        return None

    def set_item(self, key: str, value: str) -> None:
        if key.endswith("-code-verifier"):
            self.text = value.partition("/")[0]

    def remove_item(self, key: str) -> None:
        return None


class GoTrue:
    """The calls. Each raises AccountRefused with Supabase's code, or AccountsAway."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self._url, self._key = url, key
        self._http = httpx.Client(timeout=httpx.Timeout(timeout), follow_redirects=False)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def sign_up(self, email: str, password: str, redirect_to: str) -> tuple[Tokens | None, str]:
        """Tokens where no confirmation is needed; else none, and the verifier for the link in the mail.

        A limit on mails is no refusal here: only an address that waits for confirmation meets it, so the answer must
        not show it.
        """
        kept = _Verifier()
        tokens: Tokens | None = None
        with _mail_unsent(), _answers():
            made = self._client(kept).auth.sign_up(
                {"email": email, "password": password, "options": {"email_redirect_to": redirect_to}}
            )
            tokens = _tokens(made.session) if made.session else None
        return tokens, kept.text

    def sign_in(self, email: str, password: str) -> Tokens:
        return self._entered(lambda client: client.auth.sign_in_with_password({"email": email, "password": password}))

    def refresh(self, refresh_token: str) -> Tokens:
        return self._entered(lambda client: client.auth.refresh_session(refresh_token))

    def exchange(self, code: str, verifier: str, redirect_to: str) -> Tokens:
        """The sign-in of a followed link's code."""
        return self._entered(
            lambda client: client.auth.exchange_code_for_session(
                {"auth_code": code, "code_verifier": verifier, "redirect_to": redirect_to}
            )
        )

    def verify(self, token_hash: str, kind: str) -> Tokens | None:
        """The sign-in of a link's token hash; None for the first half of a change of address."""
        with _answers():
            made = self._client().auth.verify_otp({"token_hash": token_hash, "type": cast(EmailOtpType, kind)})
        return _tokens(made.session) if made.session else None

    def ask_reset(self, email: str, redirect_to: str) -> str:
        """Sends a link, where there is such an account; returns the verifier. A limit on mails is no refusal."""
        kept = _Verifier()
        with _mail_unsent(), _answers():
            self._client(kept).auth.reset_password_for_email(email, {"redirect_to": redirect_to})
        return kept.text

    def resend(self, email: str, redirect_to: str) -> None:
        """Sends the mail of a pending sign-up again. A limit on mails is no refusal."""
        with _mail_unsent(), _answers():
            self._client().auth.resend(
                {"type": "signup", "email": email, "options": {"email_redirect_to": redirect_to}}
            )

    def set_password(self, access_token: str, password: str, current: str = "") -> None:
        """Replaces the password, which ends all other sessions; some projects also require the `current` one."""
        given: UserAttributes = {"password": password}
        if current:
            given["current_password"] = current
        with _answers():
            self._as(access_token).auth.update_user(given)

    def factors(self, access_token: str) -> list[Factor]:
        """The account's verified second factors, with those that Rollcall supports first."""
        with _answers():
            answer = self._client().auth.get_user(access_token)
        if answer is None:
            raise AccountsAway
        return sorted(_verified(answer.user), key=lambda factor: not factor.known)

    def second_step(self, access_token: str, factor_id: str, code: str) -> Tokens:
        """The same sign-in, raised by a code of the factor."""
        with _answers():
            mfa = self._as(access_token).auth.mfa
            challenge = mfa.challenge({"factor_id": factor_id})
            raised = mfa.verify({"factor_id": factor_id, "challenge_id": challenge.id, "code": code})
        return Tokens(raised.access_token, raised.refresh_token, timedelta(seconds=raised.expires_in))

    def ask_email(self, access_token: str, email: str, redirect_to: str) -> str:
        """Sends links for another address; returns the verifier."""
        kept = _Verifier()
        with _answers():
            client = self._as(access_token, kept)
            client.auth.update_user({"email": email}, {"email_redirect_to": redirect_to})
        return kept.text

    def log_out(self, access_token: str, scope: Scope) -> bool:
        """Ends sessions; False when this token or its session has expired."""
        try:
            with _answers(gone=_GONE):
                self._client().auth.admin.sign_out(access_token, scope)
        except _Gone:
            return False
        return True

    def _entered(self, call: Callable[[Client], AuthResponse]) -> Tokens:
        with _answers():
            made = call(self._client())
        if made.session is None:
            raise AccountsAway
        return _tokens(made.session)

    def _as(self, access_token: str, storage: SyncSupportedStorage | None = None) -> Client:
        client = self._client(storage)
        client.auth.set_session(access_token, refresh_token="")
        return client

    def _client(self, storage: SyncSupportedStorage | None = None) -> Client:
        options = SyncClientOptions(
            auto_refresh_token=False,
            persist_session=False,
            httpx_client=self._http,
            storage=storage or _Verifier(),
        )
        return create_client(self._url, self._key, options)


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor of an account; `known` when Rollcall supports it."""

    id: str
    kind: str
    name: str

    @property
    def known(self) -> bool:
        """Whether it is an authenticator app; Rollcall does not support messages and security keys."""
        return self.kind == "totp"


class _Gone(AccountError):
    """The token has no use any more."""


@contextmanager
def _answers(gone: tuple[int, ...] = ()) -> Iterator[None]:
    """Turns the client's errors into ours; an answer that is no JSON, or undocumented, means an unreachable service."""
    try:
        yield
    except AuthWeakPasswordError as error:
        raise refusal("weak_password", error.message, tuple(error.reasons)) from None
    except AuthRetryableError as error:
        _log.warning("supabase_away", status=error.status)
        raise AccountsAway from None
    except AuthApiError as error:
        if error.status in gone:
            raise _Gone from None
        code = error.code or ""
        if code not in SAYINGS:
            _log.error("supabase_refused", status=error.status, error_code=code)
        raise refusal(code, error.message) from None
    except AuthError as error:
        _log.error("supabase_answer_unreadable", error=type(error).__name__)
        raise AccountsAway from None
    except (httpx.HTTPError, ValueError) as error:
        _log.error("supabase_answer_unreadable", error=type(error).__name__)
        raise AccountsAway from None


@contextmanager
def _mail_unsent() -> Iterator[None]:
    """Ignores the limit on mails, which only some addresses meet; the log shows it to operators."""
    try:
        yield
    except AccountRefused as refused:
        if refused.reason != "over_email_send_rate_limit":
            raise
        _log.warning("mail_limit_reached", error_code=refused.reason)


def _tokens(session: Session) -> Tokens:
    due = bool(_verified(session.user)) and _level(session.access_token) != _RAISED
    return Tokens(session.access_token, session.refresh_token, timedelta(seconds=session.expires_in), due)


def _verified(user: User) -> list[Factor]:
    there = user.factors or []
    return [Factor(one.id, one.factor_type, one.friendly_name or "") for one in there if one.status == "verified"]


def _level(access_token: str) -> str:
    # The token is verified where it is used; an unreadable level counts as the lower one.
    try:
        return str(jwt.decode(access_token, options={"verify_signature": False}).get("aal"))
    except jwt.PyJWTError:
        return ""
