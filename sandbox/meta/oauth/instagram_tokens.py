"""Instagram Login's tokens: a code becomes a short one, that a long one, and a long one is renewed."""

import hmac

from flask import Blueprint, Response, request

from sandbox.meta.apps import BASIC
from sandbox.meta.faults import FaultKind, Where
from sandbox.meta.graph.answers import GraphError, Json, bad, refuse, reply
from sandbox.meta.graph.caller import known
from sandbox.meta.graph.trouble import check_faults
from sandbox.meta.hosts import Host
from sandbox.meta.site import site

from .grants import LONG_LIFE, Token

blueprint = Blueprint("instagram_tokens", __name__)
blueprint.register_error_handler(GraphError, refuse)
blueprint.before_request(check_faults)
_FORM = ("application/x-www-form-urlencoded", "multipart/form-data")
_YOUNGEST = 24 * 3600


class OAuthRefusal(Exception):
    """An error of the host that takes codes; it is not the Graph API's."""


@blueprint.post("/oauth/access_token")
def exchange() -> Response:
    """Return a short token for a code: flat, as it is seen, or wrapped, as it is documented."""
    app = site().app
    if request.mimetype not in _FORM:
        raise OAuthRefusal("Missing required field client_id")
    if _field("client_id") != app.instagram_id:
        raise OAuthRefusal("Invalid platform app")
    if not hmac.compare_digest(_field("client_secret").encode(), app.instagram_secret.encode()):
        raise OAuthRefusal("Error validating client secret.")
    if _field("grant_type") != "authorization_code":
        raise OAuthRefusal("Invalid grant_type: must be authorization_code")
    token = site().grants.redeem(_field("code"), Host.INSTAGRAM, _field("redirect_uri"))
    if token is None or token.grant.account is None:
        raise OAuthRefusal("Matching code was not found or was already used")
    scoped, scopes = token.grant.account.scoped_id(app.instagram_id), sorted(token.grant.scopes)
    if site().faults.take(FaultKind.WRAPPED, Where.TOKEN):
        wrapped = {"access_token": token.text, "user_id": scoped, "permissions": ",".join(scopes)}
        return reply({"data": [wrapped]})
    return reply({"access_token": token.text, "user_id": int(scoped), "permissions": scopes})


@blueprint.get("/access_token")
def lengthen() -> Response:
    """Return a long token for a short one."""
    if request.args.get("grant_type") != "ig_exchange_token":
        raise bad("Invalid grant_type")
    if not hmac.compare_digest(request.args.get("client_secret", "").encode(), site().app.instagram_secret.encode()):
        raise GraphError(1, "Error validating client secret.")
    token = known(request.args.get("access_token", ""))
    if token.long:
        raise bad("The token is a long-lived one already")
    return reply(_answer(site().grants.give(token.grant, LONG_LIFE)))


@blueprint.get("/refresh_access_token")
def refresh() -> Response:
    """Return a new long token for one that still works, is a day old, and has the basic scope."""
    if request.args.get("grant_type") != "ig_refresh_token":
        raise bad("Invalid grant_type")
    token = known(request.args.get("access_token", ""))
    if not token.long:
        raise bad("Only a long-lived token can be refreshed")
    if BASIC not in token.grant.scopes:
        raise GraphError(10, f"(#10) The token lacks {BASIC}")
    if (site().now - token.at).total_seconds() < _YOUNGEST:
        raise bad("The access token must be at least 24 hours old to be refreshed")
    fresh = site().grants.give(token.grant, LONG_LIFE)
    return reply({**_answer(fresh), "permissions": ",".join(sorted(token.grant.scopes))})


@blueprint.errorhandler(OAuthRefusal)
def refuse_code(refusal: OAuthRefusal) -> Response:
    """Return an error as the host that takes codes words it."""
    return reply({"error_type": "OAuthException", "code": 400, "error_message": str(refusal)}, 400)


def _answer(token: Token) -> Json:
    body: Json = {"access_token": token.text, "token_type": "bearer", "expires_in": token.seconds_left(site().now)}
    if site().faults.take(FaultKind.NO_EXPIRY, Where.TOKEN):
        del body["expires_in"]
    return body


def _field(name: str) -> str:
    value = request.form.get(name, "")
    if not value:
        raise OAuthRefusal(f"Missing required field {name}")
    return value
