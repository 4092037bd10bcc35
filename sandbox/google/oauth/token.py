"""``/token`` and ``/revoke``, also at their older addresses: tokens are given, renewed and ended."""

import base64
import binascii
import hmac
import json
from urllib.parse import unquote

from flask import Blueprint, Response, request

from sandbox.google.api.trouble import check_faults
from sandbox.google.faults import FaultKind, Where
from sandbox.google.site import site

from .clients import Client
from .grants import OAuthRefusal

blueprint = Blueprint("token", __name__)
_FORM = "application/x-www-form-urlencoded"


@blueprint.post("/token")
@blueprint.post("/o/oauth2/token")
def token() -> Response:
    """Return tokens for a code or a refresh token; the client is checked before either."""
    check_faults(Where.TOKEN)
    client, grant_type = _client(), _needed("grant_type")
    if grant_type == "authorization_code":
        verifier = request.form.get("code_verifier")
        return _reply(site().grants.redeem(client, _needed("code"), _needed("redirect_uri"), verifier))
    if grant_type == "refresh_token":
        rotates = site().faults.take(FaultKind.ROTATED, Where.TOKEN) is not None
        return _reply(site().grants.refresh(client, _needed("refresh_token"), rotates=rotates))
    raise OAuthRefusal("unsupported_grant_type", f"Invalid grant_type: {grant_type}")


@blueprint.post("/revoke")
@blueprint.route("/o/oauth2/revoke", methods=["GET", "POST"])
def revoke() -> Response:
    """End the grant to which a token belongs."""
    check_faults(Where.TOKEN)
    site().grants.revoke(request.form.get("token") or request.args.get("token", ""))
    return _reply({})


@blueprint.errorhandler(OAuthRefusal)
def refuse(refusal: OAuthRefusal) -> Response:
    """Return an error as the token endpoint words it."""
    return _reply({"error": refusal.error, "error_description": refusal.description}, refusal.status)


def _client() -> Client:
    if request.mimetype != _FORM:
        raise OAuthRefusal("invalid_request", "Could not determine client ID from request.")
    identity, secret = _basic() or (request.form.get("client_id", ""), request.form.get("client_secret", ""))
    if not identity:
        raise OAuthRefusal("invalid_request", "Could not determine client ID from request.")
    client = site().client_named(identity)
    if client is None:
        raise OAuthRefusal("invalid_client", "The OAuth client was not found.", 401)
    if not secret:
        raise OAuthRefusal("invalid_request", "client_secret is missing.")
    if not hmac.compare_digest(secret.encode(), client.secret.encode()):
        raise OAuthRefusal("invalid_client", "The provided client secret is invalid.", 401)
    return client


def _basic() -> tuple[str, str] | None:
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        identity, _, secret = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return unquote(identity), unquote(secret)


def _needed(name: str) -> str:
    value = request.form.get(name, "")
    if not value:
        raise OAuthRefusal("invalid_request", f"Missing required parameter: {name}")
    return value


def _reply(body: dict[str, object], status: int = 200) -> Response:
    answer = Response(json.dumps(body, indent=2), status, content_type="application/json; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache, no-store, max-age=0, must-revalidate"
    answer.headers["Pragma"] = "no-cache"
    return answer
