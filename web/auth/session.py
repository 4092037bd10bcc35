"""The session cookie, the signed-in person, and the database in that person's name."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from flask import Response, abort, g, redirect, request, session, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from shared.db.pools import WebConnection, tenant
from shared.errors import AccountRefused
from shared.messages import Message
from shared.settings import Settings
from shared.store.users import sessions
from web.auth.identity import Tokens
from web.auth.supabase.sessions import PAGES, Standing, begin, standing, supabase_identity
from web.http.client_address import of_caller
from web.http.fields import user_agent
from web.services import services

P = ParamSpec("P")
R = TypeVar("R")
_COOKIE_AGE = 400 * 24 * 3600  # The longest lifetime of a cookie in browsers; the session's own end is in the database.


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`standing` says whether the session opens everything, or only the page of a step that its sign-in still needs."""

    user_id: UUID
    email: str
    session_id: UUID
    standing: Standing = Standing.IN


def is_https(settings: Settings) -> bool:
    """Whether people reach this site over https."""
    return (settings.public_url or "").startswith("https://")


def cookie_name(settings: Settings) -> str:
    """The name of the cookie that holds the session's token."""
    return _host_bound("rollcall_session", settings)


def session_cookie_settings(settings: Settings) -> dict[str, Any]:
    """The settings of Flask's own cookie, which holds the form token and notes for the next page, never the user."""
    return {
        "SESSION_COOKIE_NAME": _host_bound("rollcall_form", settings),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": is_https(settings),
        "SESSION_COOKIE_PATH": "/",
    }


def find_session() -> SignedIn | None:
    """The person of this request's session cookie; None without one, or when the sign-in is not finished."""
    found = at_the_door()
    return found if found is not None and found.standing is Standing.IN else None


def at_the_door() -> SignedIn | None:
    """As `find_session`, but also a person whose sign-in still needs a step; looked up once per request."""
    if "signed_in" not in g:
        g.signed_in = _find()
    found: SignedIn | None = g.signed_in
    return found


def step_due() -> str | None:
    """The page of the step that this sign-in still needs; None when it needs none, or no one is there."""
    found = at_the_door()
    return step_due_of(found) if found is not None else None


def step_due_of(person: SignedIn) -> str | None:
    """The page of the step that this person's sign-in still needs; None when it needs none."""
    return PAGES.get(person.standing)


def current_user() -> SignedIn:
    """The signed-in person; aborts with 401 without one (`login_required` asks them to sign in first)."""
    found = find_session()
    if found is None:
        abort(401)
    return found


def login_required(view: Callable[P, R]) -> Callable[P, R | AnyResponse]:
    """Redirects visitors to the sign-in page and back afterwards; the JSON interface answers 401."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | AnyResponse:
        if find_session() is not None:
            return view(*args, **kwargs)
        if request.path.startswith("/api/"):
            abort(401)
        if due := step_due():
            return redirect(due)
        came_for = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.login", next=came_for))

    return guarded


@contextmanager
def database() -> Iterator[WebConnection]:
    """One transaction in the name of the signed-in person, or of no one."""
    person = find_session()
    with tenant(services().pool, person.user_id if person else None, g.get("request_id")) as conn:
        yield conn


@contextmanager
def database_before_sign_in() -> Iterator[WebConnection]:
    """One transaction as the web's own role, which may only call the functions granted to it."""
    with services().pool.connection() as conn, conn.transaction():
        yield conn


def access_token() -> str | None:
    """The signed-in person's token for Supabase, valid for a while; None without one or with local accounts.

    Raises AccountsAway when it has to be renewed and Supabase does not answer, SessionOver when Supabase ended it.
    """
    identity, person = supabase_identity(), find_session()
    if identity is None or person is None:
        return None
    return identity.sessions.access_token(person.session_id, person.user_id)


def sign_in(
    response: Response | AnyResponse, user_id: UUID, tokens: Tokens | None = None, *, password_due: bool = False
) -> UUID:
    """Opens a fresh session, puts its token into the response's cookie and returns its id; only the hash is stored.

    The browser's earlier session ends. `tokens` are those of a hosted identity. With `password_due` the session opens
    nothing before a password is set. Raises AccountRefused for an account that is being deleted.
    """
    token, session_id = open_session(user_id, tokens, password_due=password_due)
    give_session(response, token)
    return session_id


def give_session(response: Response | AnyResponse, token: str) -> None:
    """Ends the browser's earlier session, and gives it the one of `token`."""
    settings = services().settings
    _end_session()
    session.clear()
    _renew_form_token()
    response.set_cookie(
        cookie_name(settings), token, _COOKIE_AGE, path="/", secure=is_https(settings), httponly=True, samesite="Lax"
    )


def open_session(user_id: UUID, tokens: Tokens | None, *, password_due: bool = False) -> tuple[str, UUID]:
    """A fresh session's token and id, not yet given to a browser."""
    settings = services().settings
    token, session_id, opened = secrets.token_urlsafe(32), uuid4(), True
    with database_before_sign_in() as conn:
        if tokens is None:
            agent = user_agent()
            session_id = sessions.open_session(
                conn, user_id, token_hash(token), settings.session_lifetime, agent, of_caller()
            )
        else:
            lifetime, due = settings.session_lifetime, password_due
            opened = begin(conn, session_id, user_id, token_hash(token), lifetime, tokens, password_due=due)
    if not opened:
        _turn_away(tokens)
    return token, session_id


def session_of(token: str) -> SignedIn | None:
    """The session of a token, and its standing; None when it opens none."""
    if not token or len(token) > 100:
        return None
    with database_before_sign_in() as conn:
        found = _session_of(conn, token)
    if found is None or (stands := standing(found.session_id, found.user_id)) is Standing.OUT:
        return None
    return SignedIn(found.user_id, found.email, found.session_id, stands)


def _turn_away(tokens: Tokens | None) -> NoReturn:
    identity = supabase_identity()
    if identity is not None and tokens is not None:
        identity.sessions.leave(tokens)
    raise AccountRefused(
        Message("This account is being deleted, so you cannot sign in to it."),
        next_step=Message("After that, the address is free for a new account."),
        reason="being_deleted",
    )


def _renew_form_token() -> None:
    """Makes a form token for the new session, so that pages opened at once carry the same one."""
    g.pop("csrf_token", None)
    generate_csrf()


def sign_out(response: Response | AnyResponse) -> None:
    """Ends this session in the database and in the browser."""
    settings = services().settings
    _end_session()
    session.clear()
    response.delete_cookie(cookie_name(settings), path="/", secure=is_https(settings), httponly=True, samesite="Lax")


def safe_next(target: str | None, default: str) -> str:
    """`target` if it is a path on this site, else `default`, so that a sign-in never leads to another site."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    # Browsers read a backslash as a slash and drop control characters, so neither may stand anywhere in it.
    if "\\" in target or any(ord(letter) < 33 or ord(letter) == 127 for letter in target):
        return default
    try:
        parts_of_it = urlsplit(target)
    except ValueError:
        return default
    return default if parts_of_it.scheme or parts_of_it.netloc else target


def _host_bound(name: str, settings: Settings) -> str:
    """`__Host-` binds a cookie to this host over https; browsers refuse that prefix over http."""
    return f"__Host-{name}" if is_https(settings) else name


def _find() -> SignedIn | None:
    return session_of(request.cookies.get(cookie_name(services().settings), ""))


def _end_session() -> None:
    """Ends the session of this request's cookie; a hosted one at Supabase too."""
    token = request.cookies.get(cookie_name(services().settings))
    if not token or len(token) > 100:
        return
    identity = supabase_identity()
    with database_before_sign_in() as conn:
        if identity is None:
            sessions.close(conn, token_hash(token))
            return
        found = _session_of(conn, token)
    if found is not None:
        identity.sessions.end(found.session_id, found.user_id)


def _session_of(conn: WebConnection, token: str) -> sessions.FoundSession | None:
    settings = services().settings
    return sessions.find(conn, token_hash(token), settings.session_lifetime, settings.session_longest)


def token_hash(token: str) -> bytes:
    """The stored hash of a session's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
