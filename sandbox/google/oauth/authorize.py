"""``/o/oauth2/v2/auth``: the request of a client, checked as strictly as the real one, and the way to its pages."""

from typing import NoReturn

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.google.people import Account
from sandbox.google.site import site

from .clients import SCOPES, SHORT, Client
from .consent import leave, next_page
from .grants import Asked
from .visits import Visit

blueprint = Blueprint("authorize", __name__)
_PROMPTS = frozenset({"none", "consent", "select_account"})
_METHODS = frozenset({"plain", "S256"})


@blueprint.get("/o/oauth2/v2/auth")
def authorize() -> AnyResponse:
    """Begin a visit; a request that is wrong ends on an error page and never goes back to the client."""
    _check_repeated()
    client = _client()
    redirect_uri = _redirect_uri(client)
    if _needed("response_type") != "code":
        blocked(400, "unsupported_response_type", f"Invalid response_type: {request.args['response_type']}")
    prompts = frozenset(request.args.get("prompt", "").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        blocked(400, "invalid_request", f"Invalid parameter value for prompt: {request.args['prompt']}")
    access_type = request.args.get("access_type", "online")
    if access_type not in ("online", "offline"):
        blocked(400, "invalid_request", f"Invalid parameter value for access_type: {access_type}")
    challenge, method = _challenge()
    visit = Visit(
        client=client,
        asked=Asked(redirect_uri, access_type == "offline", challenge, method),
        scopes=_scopes(),
        state=request.args.get("state"),
        prompts=prompts,
        earlier=request.args.get("include_granted_scopes") == "true",
        account=_hinted(prompts),
    )
    if "none" in prompts:
        return leave(visit, error="interaction_required")
    return next_page(site().visits.begin(visit))


def blocked(status: int, error: str, text: str) -> NoReturn:
    """End the request on the page that says why access is blocked."""
    page = render_template("blocked.html", status=status, error=error, text=text)
    abort(make_response(page, status))


def _check_repeated() -> None:
    for name, values in request.args.lists():
        if len(values) > 1:
            blocked(400, "invalid_request", f"OAuth 2 parameters can only have a single value: {name}")


def _client() -> Client:
    found = site().client_named(_needed("client_id"))
    if found is None:
        blocked(401, "invalid_client", "The OAuth client was not found.")
    return found


def _redirect_uri(client: Client) -> str:
    """Return the address to go back to; each character of it counts."""
    uri = _needed("redirect_uri")
    if uri not in client.redirect_uris:
        blocked(400, "redirect_uri_mismatch", f"You can't sign in because {client.name} sent an invalid request: {uri}")
    return uri


def _scopes() -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(SHORT.get(scope, scope) for scope in _needed("scope").split()))
    unknown = [scope for scope in asked if scope not in SCOPES]
    if unknown:
        blocked(400, "invalid_scope", f"Some requested scopes were invalid. {{invalid=[{', '.join(unknown)}]}}")
    return asked


def _challenge() -> tuple[str | None, str]:
    challenge, method = request.args.get("code_challenge"), request.args.get("code_challenge_method")
    if method is not None and (method not in _METHODS or challenge is None):
        blocked(400, "invalid_request", f"Invalid code_challenge_method: {method}")
    if challenge is not None and not 43 <= len(challenge) <= 128:
        blocked(400, "invalid_request", "code_challenge is between 43 and 128 characters long")
    return challenge, method or "plain"


def _hinted(prompts: frozenset[str]) -> Account | None:
    return None if "select_account" in prompts else site().account(request.args.get("login_hint", ""))


def _needed(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        blocked(400, "invalid_request", f"Required parameter is missing: {name}")
    return value


@blueprint.after_app_request
def _shield(response: Response) -> Response:
    """Cut consent pages off from the window that opened them, so that nothing can depend on it."""
    if response.mimetype == "text/html":
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/o/oauth2/auth")
def older() -> AnyResponse:
    """Send the older address on."""
    return redirect(f"/o/oauth2/v2/auth?{request.query_string.decode()}")
