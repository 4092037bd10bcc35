"""``/oauth2/v3/userinfo``: the person who granted a token, as far as its scopes allow."""

from flask import Blueprint, Response

from sandbox.google.api.answers import ApiError, Json, refuse, reply
from sandbox.google.api.caller import caller, check_scope
from sandbox.google.site import number_of

from .clients import EMAIL, PROFILE

blueprint = Blueprint("userinfo", __name__, url_prefix="/oauth2/v3")
blueprint.register_error_handler(ApiError, refuse)


@blueprint.get("/userinfo")
def userinfo() -> Response:
    """Return id, and name and address where the scopes include them."""
    who = caller()
    check_scope(who, "openid", EMAIL, PROFILE)
    account = who.account
    if account is None:
        raise ApiError(401, "required", "Login Required", location="Authorization", location_type="header")
    about: Json = {"sub": f"1{number_of(account.email):020d}"}
    if PROFILE in who.scopes:
        about |= {"name": account.name, "given_name": account.name.split()[0]}
    if EMAIL in who.scopes:
        about |= {"email": account.email, "email_verified": True}
    return reply(about)
