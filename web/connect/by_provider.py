"""Connects an account on a provider's consent page: the way there, and the way back with a code for the worker (R-1).

The web builds the address, remembers the state, and seals what comes back; it never sees a token.
"""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from shared import logs
from shared.db.pools import WebConnection
from shared.domain.jobs import JobKind
from shared.errors import TooManyJobs
from shared.platforms import Platform, Provider, WayIn, provided_by
from shared.store.queue import jobs
from shared.store.users import consents
from shared.store.users.consents import Begun
from shared.vault import Purpose
from web.auth import rate_limits
from web.auth.seal import seal
from web.auth.session import SignedIn, current_user, database, find_session, login_required
from web.connect import consent_state, outcomes
from web.connect.apps import Setup, app_of, redirect_uri, setup_of
from web.connect.enqueue import known_timezone
from web.connect.outcomes import Outcome
from web.http.error_pages import answer
from web.http.headers import leave_opener
from web.translation import _

bp = Blueprint("by_provider", __name__)
_STATE_LIFETIME = timedelta(minutes=5)
_CODE_LIFETIME = timedelta(minutes=10)
_LONGEST = 4096
_log = logs.get("web.connect.by_provider")


@bp.post("/api/auth/<provider>/connect")
@login_required
def start(provider: str) -> ResponseReturnValue:
    """`{"url"}` of the consent page for a script, a redirect to it for a form."""
    platform, way_in, known = _known(provider)
    person, app = current_user(), app_of(known)
    if app.client_id is None or setup_of(known) is not Setup.READY:
        fix = _("An operator of this installation has to set it up first; the page of all ways in has the steps.")
        return _not_begun(409, "not_set_up", _("%(provider)s is not set up here", provider=known.label), fix)
    if wait := rate_limits.wait_for((rate_limits.CONNECT, str(person.user_id))):
        return _not_begun(429, "too_many_tries", _("Not now"), rate_limits.too_many(wait))
    state, back = consent_state.new_state(), redirect_uri(known)
    with database() as conn:
        begun = _begun(person, known, platform, way_in, back)
        consents.begin(conn, begun, consent_state.hash_of(state), _STATE_LIFETIME)
    challenge = known.challenge(consent_state.verifier_of(state))
    url = known.authorize(app.accounts_url, app.client_id, back, state, challenge)
    _log.info("consent_begun", provider=known.name, in_popup=begun.in_popup)
    return jsonify(url=url) if _asks_for_json() else redirect(url, 303)


@bp.get("/api/auth/<provider>/callback")
def callback(provider: str) -> ResponseReturnValue:
    """Seals the code into a CONNECT job and leads to its page; every other answer is a page without a form."""
    if request.method == "HEAD":
        abort(405)
    known = _known(provider)[2]
    person = find_session()
    try:
        response = outcomes.page(Outcome.SIGNED_OUT, known) if person is None else _back(known, person)
    except TooManyJobs:
        response = outcomes.page(Outcome.BUSY, known)
    return leave_opener(response)


def _asks_for_json() -> bool:
    """Whether a script asks; a form without script names HTML before everything else."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "application/json"


def _not_begun(status: int, code: str, title: str, text: str) -> ResponseReturnValue:
    if _asks_for_json():
        return answer(status, code, title, text)
    return render_template("http/error.html", status=status, title=title, text=text, reference=None), status


def _back(provider: Provider, person: SignedIn) -> Response:
    state, code = request.args.get("state", ""), request.args.get("code", "")
    with database() as conn:
        begun, fault = consents.take(conn, consent_state.hash_of(state), provider.name, person.session_id)
        outcome = Outcome(fault) if fault is not None else _refusal(code)
        if begun is None or outcome is not None:
            found = outcome or Outcome.UNKNOWN
            _log.info("consent_not_used", provider=provider.name, outcome=found)
            return outcomes.page(found, provider)
        job_id = _enqueue(conn, begun, code, consent_state.verifier_of(state))
    return redirect(url_for("jobs.show", job_id=job_id, popup="1" if begun.in_popup else None), 303)


def _refusal(code: str) -> Outcome | None:
    """Why there is no code that can be used; None where there is one."""
    error = request.args.get("error", "")
    if error == "access_denied":
        return Outcome.DENIED
    if error or not code or len(code) > _LONGEST:
        return Outcome.REFUSED
    return None


def _enqueue(conn: WebConnection, begun: Begun, code: str, verifier: str) -> UUID:
    job_id = uuid4()
    text = json.dumps(
        {"code": code, "redirect_uri": begun.redirect_uri, "verifier": verifier, "timezone": begun.timezone}
    )
    sealed, expires_at = seal(conn, text, Purpose.OAUTH_CODE, begun.user_id, job_id, _CODE_LIFETIME)
    args = {"platform": begun.platform, "way_in": begun.way_in}
    jobs.enqueue(
        conn,
        begun.user_id,
        None,
        JobKind.CONNECT,
        args=args,
        job_id=job_id,
        sealed=sealed,
        sealed_expires_at=expires_at,
    )
    _log.info("consent_given", provider=begun.provider, job_id=str(job_id))
    return job_id


def _known(name: str) -> tuple[Platform, WayIn, Provider]:
    return provided_by(name) or abort(404)


def _begun(person: SignedIn, provider: Provider, platform: Platform, way_in: WayIn, back: str) -> Begun:
    return Begun(
        user_id=person.user_id,
        session_id=person.session_id,
        provider=provider.name,
        platform=platform.name,
        way_in=way_in,
        redirect_uri=back,
        timezone=known_timezone(request.form.get("timezone", "")),
        in_popup="popup" in request.form,
    )
