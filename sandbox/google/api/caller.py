"""The caller of an API: a token with its scopes, or a key; each refusal is one of the real site's."""

from dataclasses import dataclass

from flask import request

from sandbox.google.faults import FaultKind, Where
from sandbox.google.oauth.clients import Client
from sandbox.google.people import Account
from sandbox.google.site import site
from sandbox.world.channel.channel import Channel

from .answers import ApiError

_REALM = 'Bearer realm="https://accounts.google.com/"'
_NO_CALLER = (
    "Method doesn't allow unregistered callers (callers without established identity). "
    "Please use API Key or other form of API consumer identity to call this API."
)
_NOT_SIGNED_IN = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
    "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The client that calls, and the person for whom it does; a key calls for no one."""

    client: Client
    channel: Channel | None
    scopes: frozenset[str]
    account: Account | None = None
    by_key: bool = False


def caller() -> Caller:
    """Return who calls; raises ApiError for a token that is over, and for a call without token or key."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        token = site().grants.find(text.strip())
        if token is None:
            raise _unauthenticated()
        return Caller(token.grant.client, token.grant.channel, token.allowed(), token.grant.account)
    key = request.args.get("key")
    if not key:
        raise ApiError(403, "forbidden", _NO_CALLER, rpc="PERMISSION_DENIED")
    for client in site().clients:
        if client.api_key == key:
            return Caller(client, None, frozenset(), by_key=True)
    raise ApiError(400, "badRequest", "API key not valid. Please pass a valid API key.", rpc="INVALID_ARGUMENT")


def check_api(who: Caller, api: str, where: Where) -> None:
    """Refuse a project in which the API is not enabled."""
    if api in who.client.apis and not site().faults.take(FaultKind.NOT_CONFIGURED, where):
        return
    title = "YouTube Data API v3" if where is Where.DATA else "YouTube Analytics API"
    console = f"https://console.developers.google.com/apis/api/{api}/overview?project={who.client.project}"
    message = (
        f"{title} has not been used in project {who.client.project} before or it is disabled. "
        f"Enable it by visiting {console} then retry."
    )
    raise ApiError(403, "accessNotConfigured", message, "usageLimits", rpc="PERMISSION_DENIED")


def check_scope(who: Caller, *enough: str) -> None:
    """Refuse a token that has none of these scopes."""
    if who.scopes & frozenset(enough):
        return
    detail: dict[str, object] = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    raise ApiError(
        403,
        "insufficientPermissions",
        "Request had insufficient authentication scopes.",
        rpc="PERMISSION_DENIED",
        details=[detail],
        headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{" ".join(enough)}"'},
    )


def _unauthenticated() -> ApiError:
    return ApiError(
        401,
        "authError",
        _NOT_SIGNED_IN,
        "global",
        "Authorization",
        "header",
        "UNAUTHENTICATED",
        headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'},
    )
