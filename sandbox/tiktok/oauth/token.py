"""``/v2/oauth/token/`` and ``/v2/oauth/revoke/``: tokens are given, rotated and ended."""

import hmac
from urllib.parse import unquote

from flask import Blueprint, Response, abort, request

from sandbox.tiktok.api.answers import Json, log_id, reply
from sandbox.tiktok.api.trouble import check_faults
from sandbox.tiktok.faults import FaultKind, Where
from sandbox.tiktok.site import site

from .grants import OAuthRefusal

blueprint = Blueprint("token", __name__, url_prefix="/v2/oauth")
blueprint.before_request(check_faults)
_FORM = "application/x-www-form-urlencoded"


@blueprint.post("/token/")
def token() -> Response:
    """Return tokens for a code or a refresh token; one that was rotated may get lost on its way back."""
    _check_app()
    grant_type = _needed("grant_type")
    if grant_type == "authorization_code":
        code = unquote(_needed("code"))
        return reply(site().grants.redeem(code, _needed("redirect_uri"), request.form.get("code_verifier")))
    if grant_type != "refresh_token":
        raise OAuthRefusal("unsupported_grant_type", "Grant type is not supported.")
    answer = site().grants.refresh(_needed("refresh_token"))
    if site().faults.take(FaultKind.LOST, Where.TOKEN):
        abort(Response("", 502))
    return reply(answer)


@blueprint.post("/revoke/")
def revoke() -> Response:
    """End the grant to which a token belongs; the answer is empty."""
    _check_app()
    site().grants.revoke(_needed("token"))
    return Response("", 200, content_type="application/json")


@blueprint.errorhandler(OAuthRefusal)
def refuse(refusal: OAuthRefusal) -> Response:
    """Return an error, which is flat here."""
    body: Json = {"error": refusal.error, "error_description": refusal.description, "log_id": log_id()}
    return reply(body, 400)


def _check_app() -> None:
    if request.mimetype != _FORM:
        raise OAuthRefusal("invalid_request", "Only `application/x-www-form-urlencoded` is supported as Content-Type.")
    if _needed("client_key") != site().app.key:
        raise OAuthRefusal("invalid_client", "Client key or secret is incorrect.")
    if not hmac.compare_digest(_needed("client_secret").encode(), site().app.secret.encode()):
        raise OAuthRefusal("invalid_client", "Client key or secret is incorrect.")


def _needed(name: str) -> str:
    value = request.form.get(name, "")
    if not value:
        raise OAuthRefusal("invalid_request", f"The request parameters are malformed: {name} is missing.")
    return value
