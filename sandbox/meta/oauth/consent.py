"""The pages between a request and its code: who it is, which Pages (on Facebook), and what the app may do."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.meta.apps import BASIC, FACEBOOK_SCOPES, INSTAGRAM_SCOPES
from sandbox.meta.hosts import Host
from sandbox.meta.site import number_of, site

from .visit import Visit

blueprint = Blueprint("consent", __name__, url_prefix="/oauth/authorize")
_STEPS = ("account", "pages", "consent")
_DENIED = {
    "error": "access_denied",
    "error_reason": "user_denied",
    "error_description": "The user denied your request",
}
_ALWAYS = frozenset({BASIC, "public_profile"})
"""Scopes that have no box to tick."""


@blueprint.get("/<step>")
def show(step: str) -> AnyResponse:
    """Show the page of a step."""
    secret, visit = _visit()
    if step not in _STEPS or _step(visit) != step:
        return next_page(secret)
    texts = {**INSTAGRAM_SCOPES, **FACEBOOK_SCOPES}
    values = {"visit": visit, "flow": secret, "app": site().app, "number_of": number_of, "texts": texts}
    return make_response(render_template(f"{step}.html", names=_names(visit), always=_ALWAYS, **values))


@blueprint.post("/account")
def account() -> AnyResponse:
    """Take the account of Instagram, or the person on Facebook."""
    secret, visit = _visit()
    name = request.form.get("account", "")
    if visit.host is Host.INSTAGRAM:
        visit.account = site().account(name)
        visit.person = site().owner(visit.account) if visit.account else None
    else:
        visit.person = site().person(name)
    return next_page(secret)


@blueprint.post("/pages")
def pages() -> AnyResponse:
    """Take the Pages that the person chose, perhaps none."""
    secret, visit = _visit()
    chosen = request.form.getlist("page")
    mine = visit.person.pages if visit.person else []
    visit.pages = tuple(page for page in mine if page.id in chosen)
    return next_page(secret)


@blueprint.post("/consent")
def consent() -> AnyResponse:
    """Take the answer: a code for the scopes that were left on, or ``access_denied``."""
    secret, visit = _visit()
    site().visits.end(secret)
    if _step(visit) != "consent" or request.form.get("answer") != "allow" or visit.person is None:
        return _leave(visit, _DENIED)
    ticked = frozenset(request.form.getlist("scope")) | _ALWAYS
    grant = site().grants.of(visit.host, visit.person, visit.account)
    grant.scopes |= ticked & frozenset(visit.scopes)
    grant.pages = tuple(dict.fromkeys((*grant.pages, *(visit.pages or ()))))
    return _leave(visit, {"code": site().grants.code(grant, visit.redirect_uri)})


def next_page(secret: str) -> AnyResponse:
    """Send the browser to what is asked next."""
    visit = site().visits.find(secret)
    if visit is None:
        abort(_gone())
    if visit.name and not site().app.live and visit.name not in site().app.testers:
        page = render_template("blocked.html", text="Insufficient Developer Role")
        return make_response(page, 400)
    return redirect(f"/oauth/authorize/{_step(visit)}?{urlencode({'flow': secret})}")


def _step(visit: Visit) -> str:
    """Return what is to be asked next."""
    if not visit.name:
        return "account"
    return "pages" if visit.host is Host.FACEBOOK and visit.pages is None else "consent"


def _leave(visit: Visit, answer: dict[str, str]) -> AnyResponse:
    """Send the browser back to the app; Instagram and Facebook add an empty fragment, which is no part of the code."""
    uri = urlsplit(visit.redirect_uri)
    given = {"state": visit.state} if visit.state is not None else {}
    query = "&".join(filter(None, (uri.query, urlencode({**answer, **given}))))
    return redirect(f"{urlunsplit(uri._replace(query=query))}#{'_' if visit.host is Host.INSTAGRAM else '_=_'}", 302)


def _names(visit: Visit) -> list[str]:
    if visit.host is Host.INSTAGRAM:
        return [account.username for account in site().accounts()]
    return [person.name for person in site().people]


def _visit() -> tuple[str, Visit]:
    secret = request.values.get("flow", "")
    visit = site().visits.find(secret)
    if visit is None:
        abort(_gone())
    return secret, visit


def _gone() -> AnyResponse:
    text = "This page has expired. Go back to the app and try again."
    return make_response(render_template("blocked.html", text=text), 400)
