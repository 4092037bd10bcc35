"""Who runs this installation: the accounts named in OPERATORS. For everybody else their pages do not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, g
from werkzeug.wrappers import Response as AnyResponse

from shared.store.operator import admin
from web.auth.session import database_before_sign_in, login_required, signed_in
from web.services import services

P = ParamSpec("P")
R = TypeVar("R")


def is_operator() -> bool:
    """Whether the signed-in person is one, looked up once a request."""
    if "is_operator" not in g:
        g.is_operator = _is_operator()
    return bool(g.is_operator)


def operator_required(view: Callable[P, R]) -> Callable[P, R | AnyResponse]:
    """404 for everybody who is not an operator; who is not signed in is asked to, where there are operators."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | AnyResponse:
        if not services().settings.operators:
            abort(404)
        if signed_in() is not None and not is_operator():
            abort(404)
        return login_required(view)(*args, **kwargs)

    return guarded


def _is_operator() -> bool:
    settings, person = services().settings, signed_in()
    if person is None or not settings.operators or person.email.lower() not in settings.operators:
        return False
    with database_before_sign_in() as conn:
        if settings.supabase_url is None:
            # The address alone may be anybody's once the first account that had it is gone.
            return admin.is_operator(conn, person.email, person.user_id)
        # An address that nobody confirmed may be anybody's.
        return admin.email_confirmed(conn, person.user_id)
