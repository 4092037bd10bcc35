"""The pages a browser sees."""

import functools
from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from .answers import NOT_FOUND, html
from .cookies import take_session
from .guard import APP_ID, page_session
from .profile import find_person
from .site import site

blueprint = Blueprint("pages", __name__)

_ROLLOUT = "1029384756"
Page = Callable[..., AnyResponse]


def _show(template: str, **values: object) -> Response:
    return html(render_template(template, app_id=APP_ID, rollout=_ROLLOUT, **values))


def _logged_in_only(page: Page) -> Page:
    """Send the browser to the login, and end its dead session, unless it is logged in."""

    @functools.wraps(page)
    def guarded(**values: object) -> AnyResponse:
        if page_session() is not None:
            return page(**values)
        response = redirect(f"/accounts/login/?next={request.path}", 302)
        if "sessionid" in request.cookies:
            take_session(response)
        return response

    return guarded


def _login_page() -> Response:
    return _show("login.html", form=site().login_form.value)


@blueprint.get("/")
def home() -> Response:
    """Show the feed, or the login form to a stranger."""
    return _show("home.html", account=site().world.account) if page_session() else _login_page()


@blueprint.get("/accounts/login/")
def login() -> AnyResponse:
    """Show the login form; whoever is logged in goes home."""
    return redirect("/", 302) if page_session() else _login_page()


@blueprint.get("/accounts/login/two_factor")
def two_factor() -> Response:
    """Ask for the code of a login under way, which the browser's own tab remembers."""
    return _show("two_factor.html")


@blueprint.get("/accounts/onetap/")
@_logged_in_only
def save_login() -> AnyResponse:
    """Offer to keep the login on this device."""
    return _show("onetap.html")


@blueprint.get("/accounts/edit/")
@_logged_in_only
def edit() -> AnyResponse:
    """Show the profile form: the sign that a session is alive."""
    return _show("edit.html", account=site().world.account, biography=site().world.biography)


@blueprint.get("/accounts/suspended/")
def suspended() -> Response:
    """Say that the account is suspended."""
    return _show("suspended.html")


@blueprint.get("/challenge/<int:user_id>/<nonce>/")
def challenge(user_id: int, nonce: str) -> Response:
    """Ask the person to prove who they are; only they can answer."""
    return _show("challenge.html", phone=site().account.phone[-2:])


@blueprint.get("/<username>/")
@blueprint.get("/<username>/followers/")
@blueprint.get("/<username>/following/")
@_logged_in_only
def profile(username: str) -> AnyResponse:
    """Show somebody's profile."""
    person = find_person(username.lower())
    return _show("profile.html", person=person) if person else html(NOT_FOUND, 404)
