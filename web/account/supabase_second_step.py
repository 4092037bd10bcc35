"""The second step of a sign-in whose account has a second factor at Supabase: a code of the authenticator app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared.domain.input.codes import plain_code
from shared.errors import AccountRefused
from web.account.email_requests import identity_or_404
from web.auth import rate_limits
from web.auth.session import SignedIn, at_the_door, safe_next
from web.auth.supabase import form_errors
from web.auth.supabase.sessions import PAGES, Standing
from web.translation import _

if TYPE_CHECKING:
    from web.auth.supabase.client import Factor

bp = Blueprint("hosted_second_step", __name__)
_CODE = re.compile(r"[0-9]{6}")
_PATH = PAGES[Standing.FACTOR_DUE]


@bp.get(_PATH)
def second_step() -> ResponseReturnValue:
    identity_or_404()
    person = at_the_door()
    if person is None or person.standing is not Standing.FACTOR_DUE:
        return redirect("/login" if person is None else PAGES.get(person.standing, "/"))
    return _page(person, _factors(person))


@bp.post(_PATH)
def show_code() -> ResponseReturnValue:
    identity, person = identity_or_404(), at_the_door()
    if person is None or person.standing is not Standing.FACTOR_DUE:
        return redirect("/login" if person is None else PAGES.get(person.standing, "/"))
    factors, code = _factors(person), plain_code(request.form.get("code", ""))
    factor = _chosen(factors)
    if not _CODE.fullmatch(code):
        return _page(person, factors, {"code": _("A code has six digits.")}), 400
    if wait := rate_limits.wait_for((rate_limits.SECOND_STEP, str(person.user_id))):
        page = _page(person, factors, {"form": rate_limits.too_many(wait)}), 429
        return form_errors.with_retry_after(page, wait)
    try:
        identity.sessions.raise_level(person.session_id, person.user_id, factor.id, code)
    except AccountRefused as refused:
        return form_errors.with_wait((_page(person, factors, form_errors.faults(refused)), 400), refused)
    rate_limits.forget(rate_limits.SECOND_STEP, str(person.user_id))
    return redirect(safe_next(request.form.get("next"), "/start"))


def _factors(person: SignedIn) -> list[Factor]:
    identity = identity_or_404()
    return identity.auth.factors(identity.sessions.access_token(person.session_id, person.user_id))


def _chosen(factors: list[Factor]) -> Factor:
    """The chosen factor of the form, one of the person's own; the first without a choice."""
    known = [factor for factor in factors if factor.known]
    wanted = request.form.get("factor", "")
    found = next((factor for factor in known if not wanted or factor.id == wanted), None)
    if found is None:
        abort(400)
    return found


def _page(person: SignedIn, factors: list[Factor], faults: dict[str, str | None] | None = None) -> str:
    return render_template(
        "account/second_step.html",
        account=person,
        known=[factor for factor in factors if factor.known],
        kinds=sorted({factor.kind for factor in factors if not factor.known}),
        faults=faults or {},
        after=safe_next(request.values.get("next"), ""),
    )
