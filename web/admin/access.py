"""Admits operators, the accounts named in OPERATORS, to their pages; for all others these pages do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, g
from werkzeug.wrappers import Response as AnyResponse

from shared.store.operator import admin
from web.auth.session import database_before_sign_in, find_session, login_required
from web.services import services

P = ParamSpec("P")
R = TypeVar("R")


def is_operator() -> bool:
    """Whether the signed-in person is an operator, looked up once per request."""
    if "is_operator" not in g:
        g.is_operator = _is_operator()
    return bool(g.is_operator)


def operator_required(view: Callable[P, R]) -> Callable[P, R | AnyResponse]:
    """404 for everyone but operators; visitors are asked to sign in, where there are operators."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | AnyResponse:
        if not services().settings.operators:
            abort(404)
        if find_session() is not None and not is_operator():
            abort(404)
        return login_required(view)(*args, **kwargs)

    return guarded


def _is_operator() -> bool:
    settings, person = services().settings, find_session()
    if person is None or not settings.operators or person.email.lower() not in settings.operators:
        return False
    with database_before_sign_in() as conn:
        if settings.supabase_url is None:
            # The address alone proves nothing once its first account is gone.
            return admin.is_operator(conn, person.email, person.user_id)
        # An unconfirmed address may belong to anyone.
        return admin.email_confirmed(conn, person.user_id)
