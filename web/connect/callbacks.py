"""Takes what a provider posts by itself, for the worker to check, and says how it stands (R-1).

Anyone can post here: nothing happens before the worker has checked the signature.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from uuid import uuid4

from flask import Blueprint, abort, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from shared import logs
from shared.messages import Message
from shared.platforms import provided_by
from shared.store.users import callbacks
from shared.store.users.callbacks import CallbackKind, CallbackState
from shared.vault import NO_ONE, Purpose
from web.auth import rate_limits
from web.auth.seal import seal
from web.auth.session import database_before_sign_in
from web.http.error_pages import answer
from web.services import services
from web.translation import _

bp = Blueprint("callbacks", __name__)
# Less than a field may have at all, so that one that was cut is refused.
_LONGEST = 3000
_LIFETIME = timedelta(days=30)
_CODE_BYTES = 16
_log = logs.get("web.connect.callbacks")
_WORDS = {
    CallbackState.RECEIVED: Message("Received. Rollcall checks it within a minute."),
    CallbackState.ERASING: Message("Being deleted. The access has ended already; large histories take some minutes."),
    CallbackState.DONE: Message("Done."),
    CallbackState.UNKNOWN: Message("No account here was connected by this login, so there is nothing to delete."),
    CallbackState.REFUSED: Message("Not done: the request was not signed by %(provider)s."),
}


@bp.post("/api/auth/<provider>/deauthorize")
def deauthorize(provider: str) -> ResponseReturnValue:
    """A person removed the app at the provider."""
    return _received(provider, CallbackKind.DEAUTHORIZE)


@bp.post("/api/auth/<provider>/data-deletion")
def delete_data(provider: str) -> ResponseReturnValue:
    """A person asked the provider for the deletion of what the app knows."""
    return _received(provider, CallbackKind.DATA_DELETION)


@bp.get("/data-deletion/<code>")
def show(code: str) -> ResponseReturnValue:
    """How a callback stands, for whoever has its code."""
    with database_before_sign_in() as conn:
        found = callbacks.view(conn, _hash_of(code))
    known = None if found is None else provided_by(found.provider)
    if found is None or known is None:
        abort(404)
    label = known[2].label
    return render_template(
        "connect/callback.html", callback=found, code=code, provider=label, words=_(_WORDS[found.state], provider=label)
    )


def _received(provider: str, kind: CallbackKind) -> ResponseReturnValue:
    known = provided_by(provider)
    if known is None or not known[2].calls_back:
        abort(404)
    if wait := rate_limits.wait_for((rate_limits.CALLBACK_ADDRESS, rate_limits.address())):
        return answer(429, "too_many_tries", _("Not now"), rate_limits.too_many(wait))
    signed = request.form.get("signed_request", "")
    if not signed or len(signed) > _LONGEST:
        return answer(400, "no_signed_request", _("There is no signed request"), _("Send `signed_request` as a form."))
    callback_id, code = uuid4(), secrets.token_hex(_CODE_BYTES)
    text = json.dumps({"signed_request": signed})
    with database_before_sign_in() as conn:
        sealed, _expires_at = seal(conn, text, Purpose.CALLBACK, NO_ONE, callback_id, _LIFETIME)
        if not callbacks.receive(conn, callback_id, _hash_of(code), provider, kind, sealed):
            return answer(503, "too_many_waiting", _("Not now"), _("Too many requests wait; send it again later."))
    _log.info("callback_received", provider=provider, kind=kind)
    base = services().settings.public_url or request.host_url.rstrip("/")
    return jsonify(url=f"{base}/data-deletion/{code}", confirmation_code=code)


def _hash_of(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
