"""Auth of one project: its switches and all that it knows. The project's lock is held through every call."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import UUID

from sandbox.supabase.auth_answers import Refusal
from sandbox.supabase.auth_limits import Counter, Limits
from sandbox.supabase.auth_records import Account, Factor, HalfSignIn, Mail, RefreshToken, Session
from sandbox.supabase.project import Project


class Users(Protocol):
    """The table `auth.users` of the project's database, which other tables refer to."""

    def put(self, user_id: UUID, email: str) -> None: ...

    def remove(self, user_id: UUID) -> None: ...

    def note(self, user_id: UUID, email: str, action: str) -> None: ...


class NoUsers:
    """A project without a table of accounts."""

    def put(self, user_id: UUID, email: str) -> None: ...

    def remove(self, user_id: UUID) -> None: ...

    def note(self, user_id: UUID, email: str, action: str) -> None: ...


@dataclass(frozen=True, slots=True)
class AuthConfig:
    """The project's settings that an administrator may change; the defaults are those of a hosted project."""

    autoconfirm: bool = False
    signup_open: bool = True
    providers: frozenset[str] = frozenset({"email"})
    site_url: str = "http://localhost:3000"
    redirect_urls: tuple[str, ...] = ()
    shortest_password: int = 6
    required_characters: tuple[str, ...] = ()
    pwned: frozenset[str] = frozenset()
    secure_email_change: bool = True
    reuse_interval: timedelta = timedelta(seconds=10)
    link_lifetime: timedelta = timedelta(hours=1)
    flow_lifetime: timedelta = timedelta(minutes=5)
    require_current_password: bool = False
    reauthenticate: bool = False
    session_timebox: timedelta | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(slots=True)
class AuthState:
    """Auth's state of `project`."""

    project: Project
    config: AuthConfig = field(default_factory=AuthConfig)
    users: Users = field(default_factory=NoUsers)
    accounts: dict[UUID, Account] = field(default_factory=dict)
    sessions: dict[UUID, Session] = field(default_factory=dict)
    tokens: dict[str, RefreshToken] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    links: dict[str, Mail] = field(default_factory=dict)
    half: dict[str, HalfSignIn] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    away: bool = False
    counter: Counter = field(init=False)

    def __post_init__(self) -> None:
        self.counter = Counter(self.config.limits)

    @property
    def now(self) -> datetime:
        """The project's time."""
        return self.project.now

    def by_email(self, email: str) -> Account | None:
        """The account of this address, whatever the case of its letters."""
        return next((one for one in self.accounts.values() if one.email == email.lower()), None)

    def add(self, email: str, password: str, metadata: dict[str, Any]) -> Account:
        """A new account, not confirmed."""
        made = Account(email.lower(), self.now, user_metadata=metadata)
        if password:
            made.set_password(password)
        self.accounts[made.id] = made
        self.users.put(made.id, made.email)
        return made

    def remove(self, account: Account) -> None:
        """Deletes the account, its sessions and its links."""
        self.end(session for session in self.sessions.values() if session.user_id == account.id)
        self.links = {key: mail for key, mail in self.links.items() if mail.user_id != account.id}
        del self.accounts[account.id]
        self.note(account, "user_deleted")
        self.users.remove(account.id)

    def begin(self, account: Account, method: str) -> dict[str, Any]:
        """A fresh session of the account, as the answer of every call that signs in."""
        session = Session(account.id, self.now, method)
        self.sessions[session.id] = session
        self.note(account, "login")
        account.last_sign_in_at = self.now
        return self.answer(account, session, self.chained(session, None))

    def chained(self, session: Session, parent: RefreshToken | None) -> RefreshToken:
        """The session's next refresh token."""
        made = RefreshToken(session.id, self.now, parent.text if parent else None)
        self.tokens[made.text] = made
        return made

    def answer(self, account: Account, session: Session, token: RefreshToken) -> dict[str, Any]:
        """The session as it is answered."""
        claims = {
            "email": account.email,
            "phone": "",
            "app_metadata": account.app_metadata,
            "user_metadata": account.user_metadata,
            "aal": session.aal,
            "amr": [{"method": method, "timestamp": int(at.timestamp())} for method, at in session.methods],
            "is_anonymous": False,
        }
        seconds = self.project.jwt_seconds
        return {
            "access_token": self.project.token(account.id, session.id, claims),
            "token_type": "bearer",
            "expires_in": seconds,
            "expires_at": int(self.now.timestamp()) + seconds,
            "refresh_token": token.text,
            "user": shown(account),
        }

    def end(self, sessions: Iterable[Session]) -> None:
        """Ends sessions and forgets their refresh tokens."""
        for session in list(sessions):
            self.sessions.pop(session.id, None)
            self.tokens = {text: one for text, one in self.tokens.items() if one.session_id != session.id}

    def active(self, session: Session) -> RefreshToken:
        """The newest refresh token of the session that was not used; the newest of all where each was."""
        chain = [one for one in self.tokens.values() if one.session_id == session.id]
        return next((one for one in reversed(chain) if not one.revoked), chain[-1])

    def forget_factor(self, account: Account, factor: Factor) -> None:
        """Takes the factor away, and its level from the sessions that it raised."""
        account.factors = [one for one in account.factors if one.id != factor.id]
        for session in self.sessions.values():
            if session.factor_id == factor.id:
                session.aal, session.factor_id = "aal1", None
                session.methods = [entry for entry in session.methods if entry[0] != "totp"]

    def note(self, account: Account, action: str) -> None:
        """Writes an entry of the audit log, which outlives the account."""
        self.users.note(account.id, account.email, action)

    def check_password(self, password: str) -> None:
        """Refuses a new password that the project does not take."""
        if len(password.encode()) > 72:
            raise Refusal(422, "validation_failed", "Password cannot be longer than 72 characters")
        config, reasons, said = self.config, [], []
        if len(password) < config.shortest_password:
            reasons.append("length")
            said.append(f"Password should be at least {config.shortest_password} characters.")
        if any(not set(kind) & set(password) for kind in config.required_characters):
            reasons.append("characters")
            wanted = ", ".join(config.required_characters)
            said.append(f"Password should contain at least one character of each: {wanted}.")
        if password in config.pwned:
            reasons.append("pwned")
            said.append("Password is known to be weak and easy to guess, please choose a different one.")
        if reasons:
            raise Refusal(422, "weak_password", " ".join(said), tuple(reasons))

    def redirect(self, wanted: str) -> str:
        """The destination of a link: `wanted` where the project allows it, else its site."""
        site = self.config.site_url
        if wanted and (
            urlsplit(wanted).hostname == urlsplit(site).hostname
            or any(fnmatchcase(wanted, allowed) for allowed in self.config.redirect_urls)
        ):
            return wanted
        return site


def shown(account: Account) -> dict[str, Any]:
    """The account as the `user` of an answer."""
    fields: dict[str, Any] = {
        "id": str(account.id),
        "aud": "authenticated",
        "role": "authenticated",
        "email": account.email,
        "phone": "",
        "app_metadata": account.app_metadata,
        "user_metadata": account.user_metadata,
        "identities": [_identity(account)],
        "created_at": _iso(account.created_at),
        "updated_at": _iso(account.updated_at or account.created_at),
        "is_anonymous": False,
    }
    if account.confirmed_at:
        fields |= {"email_confirmed_at": _iso(account.confirmed_at), "confirmed_at": _iso(account.confirmed_at)}
    if account.last_sign_in_at:
        fields["last_sign_in_at"] = _iso(account.last_sign_in_at)
    if account.email_change:
        fields["new_email"] = account.email_change
    if account.factors:
        fields["factors"] = [factor.as_json() for factor in account.factors]
    return fields


def otp() -> str:
    """Six digits."""
    return f"{secrets.randbelow(10**6):06}"


def _identity(account: Account) -> dict[str, Any]:
    at = _iso(account.created_at)
    return {
        "id": str(account.id),
        "identity_id": str(account.id),
        "user_id": str(account.id),
        "identity_data": {"email": account.email, "sub": str(account.id), "email_verified": bool(account.confirmed_at)},
        "provider": "email",
        "last_sign_in_at": at,
        "created_at": at,
        "updated_at": at,
    }


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
