"""The pages between a client's request and its code: account, channel, warning, and the scopes to tick."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.google.people import Account
from sandbox.google.site import number_of, site
from sandbox.world.channel.channel import Channel

from .clients import EMAIL, PROFILE, SCOPES
from .visits import Visit

blueprint = Blueprint("consent", __name__, url_prefix="/signin/oauth")
_SIGN_IN = frozenset({"openid", EMAIL, PROFILE})
"""Scopes that come with signing in and have no box to tick."""


@blueprint.get("/<step>")
def show(step: str) -> AnyResponse:
    """Show the page of a step."""
    secret, visit = _visit()
    if step not in ("account", "channel", "warning", "consent") or _step(visit) != step:
        return next_page(secret)
    values = {"visit": visit, "flow": secret, "number_of": number_of}
    return make_response(render_template(f"{step}.html", accounts=site().accounts, scopes=_offered(visit), **values))


@blueprint.post("/account")
def account() -> AnyResponse:
    """Take the chosen account."""
    secret, visit = _visit()
    visit.account = site().account(request.form.get("account", ""))
    return next_page(secret)


@blueprint.post("/channel")
def channel() -> AnyResponse:
    """Take the chosen channel; the token will be bound to it."""
    secret, visit = _visit()
    found = visit.account.channel(request.form.get("channel", "")) if visit.account else None
    visit.channel, visit.chose_channel = found, found is not None
    return next_page(secret)


@blueprint.post("/warning")
def warning() -> AnyResponse:
    """Continue to an app that Google has not verified, or go back."""
    secret, visit = _visit()
    if request.form.get("answer") != "continue":
        return _end(secret, visit, error="access_denied")
    visit.warned = True
    return next_page(secret)


@blueprint.post("/consent")
def consent() -> AnyResponse:
    """Take the answer: a code for the scopes that were ticked, or ``access_denied``."""
    secret, visit = _visit()
    ticked = frozenset(request.form.getlist("scope"))
    allowed = frozenset(visit.scopes) if len(_offered(visit)) < 2 else ticked & frozenset(visit.scopes)
    if _step(visit) != "consent" or request.form.get("answer") != "allow":
        return _end(secret, visit, error="access_denied")
    return _grant(secret, visit, allowed | (_SIGN_IN & frozenset(visit.scopes)), fresh=True)


def next_page(secret: str) -> AnyResponse:
    """Send the browser to what is asked next, or back with a code where nothing is left to ask."""
    visit = site().visits.find(secret)
    if visit is None:
        abort(_gone())
    step = _step(visit)
    if step == "blocked":
        text = f"{visit.client.name} has not completed the Google verification process."
        return make_response(render_template("blocked.html", status=403, error="access_denied", text=text), 403)
    if step == "done":
        return _grant(secret, visit, frozenset(visit.scopes), fresh=False)
    return redirect(f"/signin/oauth/{step}?{urlencode({'flow': secret})}")


def leave(visit: Visit, **answer: str) -> AnyResponse:
    """Send the browser back to the client with an answer and the state as it came."""
    uri = urlsplit(visit.asked.redirect_uri)
    given = {"state": visit.state} if visit.state is not None else {}
    query = "&".join(filter(None, (uri.query, urlencode({**given, **answer}))))
    return redirect(urlunsplit(uri._replace(query=query)), 302)


def _step(visit: Visit) -> str:
    """Return what is to be asked next."""
    if visit.account is None:
        return "account"
    if visit.client.testing and visit.account.email not in visit.client.testers:
        return "blocked"
    if len(visit.account.channels) > 1 and not visit.chose_channel:
        return "channel"
    if visit.client.testing and not visit.warned:
        return "warning"
    return "done" if _is_granted(visit, visit.account) else "consent"


def _is_granted(visit: Visit, account: Account) -> bool:
    grant = site().grants.of(visit.client, account, _chosen(visit))
    return "consent" not in visit.prompts and frozenset(visit.scopes) <= grant.scopes


def _chosen(visit: Visit) -> Channel | None:
    channels = visit.account.channels if visit.account else ()
    return visit.channel if visit.chose_channel else next(iter(channels), None)


def _offered(visit: Visit) -> list[tuple[str, str]]:
    return [(scope, SCOPES[scope]) for scope in visit.scopes if scope not in _SIGN_IN]


def _grant(secret: str, visit: Visit, scopes: frozenset[str], *, fresh: bool) -> AnyResponse:
    if visit.account is None or not scopes:
        return _end(secret, visit, error="access_denied")
    grant = site().grants.of(visit.client, visit.account, _chosen(visit))
    held = scopes | grant.scopes if visit.earlier else scopes
    code = site().grants.code(grant, held, visit.asked, fresh=fresh and "consent" in visit.prompts)
    return _end(secret, visit, code=code, scope=" ".join(sorted(held)), authuser="0", prompt="consent")


def _end(secret: str, visit: Visit, **answer: str) -> AnyResponse:
    site().visits.end(secret)
    return leave(visit, **answer)


def _visit() -> tuple[str, Visit]:
    secret = request.values.get("flow", "")
    visit = site().visits.find(secret)
    if visit is None:
        abort(_gone())
    return secret, visit


def _gone() -> AnyResponse:
    text = "This page has expired. Go back to the app and try again."
    return make_response(render_template("blocked.html", status=400, error="invalid_request", text=text), 400)
