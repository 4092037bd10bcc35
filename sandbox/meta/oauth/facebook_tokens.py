"""Facebook Login's tokens: a code or a short one becomes a long one; what a token is; and the end of a grant."""

import hmac

from flask import Blueprint, Response, request

from sandbox.meta.faults import FaultKind, Where
from sandbox.meta.graph.answers import GraphError, Json, bad, no_such_object, refuse, reply
from sandbox.meta.graph.caller import caller, check_version, known
from sandbox.meta.graph.trouble import check_faults
from sandbox.meta.hosts import Host
from sandbox.meta.site import site

from .grants import DATA_ACCESS, LONG_LIFE, End, Token

blueprint = Blueprint("facebook_tokens", __name__)
blueprint.register_error_handler(GraphError, refuse)
blueprint.before_request(check_faults)


@blueprint.route("/oauth/access_token", methods=["GET", "POST"])
@blueprint.route("/<version>/oauth/access_token", methods=["GET", "POST"])
def exchange(version: str = "") -> Response:
    """Return a token for a code, a long one for another, or the app's own; a form does as well as a query."""
    check_version(version)
    _check_client()
    match request.values.get("grant_type", "authorization_code"):
        case "authorization_code":
            return _redeem()
        case "fb_exchange_token":
            token = known(request.values.get("fb_exchange_token", ""))
            return reply(_answer(site().grants.give(token.grant, LONG_LIFE)))
        case "client_credentials":
            return reply({"access_token": _app_token(), "token_type": "bearer"})
    raise bad("Invalid grant_type")


@blueprint.get("/debug_token")
@blueprint.get("/<version>/debug_token")
def debug_token(version: str = "") -> Response:
    """Return what a token is: its kind, its ends, its scopes and what they reach."""
    check_version(version)
    if request.args.get("access_token") != _app_token():
        raise GraphError(190, "Invalid OAuth access token signature.")
    token = site().grants.tokens.get(request.args.get("input_token", ""))
    if token is None or token.grant.host is not Host.FACEBOOK:
        raise bad("The value must be a valid access token")
    return reply({"data": _about(token)})


@blueprint.get("/me/permissions")
@blueprint.get("/<version>/me/permissions")
def permissions(version: str = "") -> Response:
    """Return the scopes that were granted."""
    check_version(version)
    rows = [{"permission": scope, "status": "granted"} for scope in sorted(caller().grant.scopes)]
    return reply({"data": rows})


@blueprint.delete("/me/permissions")
@blueprint.delete("/<version>/me/permissions")
@blueprint.delete("/me/permissions/<permission>")
@blueprint.delete("/<version>/me/permissions/<permission>")
@blueprint.delete("/<version>/<person>/permissions")
def revoke(version: str = "", permission: str = "", person: str = "me") -> Response:
    """Take one scope out of the grant, or end it with all its tokens; a person goes by their id as well."""
    check_version(version)
    grant = caller().grant
    if person not in ("me", grant.person.scoped_id(site().app.id)):
        raise no_such_object(person)
    if not permission:
        grant.end = End.REMOVED
    elif permission not in grant.scopes:
        raise bad(f"The permission {permission} is not granted")
    grant.scopes -= {permission}
    return reply({"success": True})


def _redeem() -> Response:
    redirect_uri, code = request.values.get("redirect_uri", ""), request.values.get("code", "")
    token = site().grants.redeem(code, Host.FACEBOOK, redirect_uri)
    if token is None:
        raise GraphError(100, "This authorization code has been used, has expired, or was not found.", 36009)
    return reply(_answer(token))


def _answer(token: Token) -> Json:
    body: Json = {"access_token": token.text, "token_type": "bearer", "expires_in": token.seconds_left(site().now)}
    if site().faults.take(FaultKind.NO_EXPIRY, Where.TOKEN):
        del body["expires_in"]
    return body


def _about(token: Token) -> Json:
    app, now, grant = site().app, site().now, token.grant
    granted_at = grant.at or token.at
    targets = [page.account.id for page in grant.pages if page.account]
    rows = [
        {"scope": scope, "target_ids": targets} if scope.startswith("instagram_") else {"scope": scope}
        for scope in sorted(grant.scopes)
    ]
    end = token.ended(now)
    body: Json = {
        "app_id": app.id,
        "type": "PAGE" if token.page else "USER",
        "application": app.name,
        "data_access_expires_at": int((granted_at + DATA_ACCESS).timestamp()),
        "expires_at": int(token.until.timestamp()) if token.until else 0,
        "is_valid": end is None,
        "issued_at": int(token.at.timestamp()),
        "scopes": sorted(grant.scopes),
        "granular_scopes": rows,
        "user_id": grant.person.scoped_id(app.id),
    }
    if end is not None:
        body["error"] = {"code": 190, "message": "The token is over.", "subcode": int(end)}
    return body


def _check_client() -> None:
    identity, secret = _client()
    if identity != site().app.id:
        raise GraphError(101, "Error validating application. Cannot get application info due to a system error.")
    if not hmac.compare_digest(secret.encode(), site().app.secret.encode()):
        raise GraphError(1, "Error validating client secret.")


def _client() -> tuple[str, str]:
    """Return the app's id and secret as they were sent: as a header or as parameters."""
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        return basic.username or "", basic.password or ""
    return request.values.get("client_id", ""), request.values.get("client_secret", "")


def _app_token() -> str:
    return f"{site().app.id}|{site().app.secret}"
