"""The pages a browser sees."""

import functools
from collections.abc import Callable

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.world.people import Person

from .answers import NOT_FOUND, Json, html
from .cookies import take_session
from .dialogs import DIALOGS, SUSPICIONS, Dialog
from .faults import FaultKind, Where
from .guard import APP_ID, page_session, stop_path
from .lists import follow_query
from .login import two_step as two_step_calls
from .profile import find_person
from .site import KnownDevice, site
from .throttle import check_bare

blueprint = Blueprint("pages", __name__)
blueprint.before_request(lambda: check_bare(Where.PAGE))

ROLLOUT = "1029384756"
Page = Callable[..., AnyResponse]


def _show(template: str, **values: object) -> Response:
    laid_over = {"dialog": _dialog(), "suspicion": _warning(Where.PAGE) if page_session() else None}
    return html(render_template(template, app_id=APP_ID, rollout=ROLLOUT, **laid_over, **values))


def _dialog() -> Dialog | None:
    """Return what is asked on top of this page; ``login`` are the pages of a stranger, ``page`` all others."""
    fault = site().faults.take(FaultKind.DIALOG, Where.PAGE if page_session() else Where.LOGIN)
    return DIALOGS[fault.variant] if fault else None


def _warning(where: Where) -> tuple[str, str, str] | None:
    fault = site().faults.take(FaultKind.SUSPICION, where)
    return SUSPICIONS[fault.variant] if fault else None


def _logged_in_only(page: Page) -> Page:
    """Send the browser to the login, and end its dead session, unless it is logged in; or to what stops it."""

    @functools.wraps(page)
    def guarded(**values: object) -> AnyResponse:
        if page_session() is not None:
            elsewhere = stop_path(Where.LOGIN)
            return redirect(elsewhere, 302) if elsewhere else page(**values)
        response = redirect(f"/accounts/login/?next={request.path}", 302)
        if "sessionid" in request.cookies:
            take_session(response)
        return response

    return guarded


def _login_page() -> Response:
    return _show("login.html", form=site().login_form.value, known=_known_device())


def _known_device() -> Json | None:
    """Return the account that the site remembers on this device, if any."""
    kind, account = site().door.known_device, site().world.account
    if kind is KnownDevice.NONE:
        return None
    if kind is KnownDevice.OTHER:
        return {"user_id": "1", "username": "someone.else", "full_name": "Someone Else", "asks_password": False}
    asks_password = kind is KnownDevice.CONFIRMED
    shown = {"username": account.username, "full_name": account.full_name}
    return {"user_id": account.pk, "asks_password": asks_password, **shown}


@blueprint.get("/")
def home() -> AnyResponse:
    """Show the feed, or the login form to a stranger."""
    return _feed() if page_session() else _login_page()


@_logged_in_only
def _feed() -> AnyResponse:
    return _show("home.html", account=site().world.account)


@blueprint.get("/accounts/login/")
def login() -> AnyResponse:
    """Show the login form; a logged-in person goes home."""
    return redirect("/", 302) if page_session() else _login_page()


@blueprint.get("/accounts/login/two_factor")
def two_factor() -> Response:
    """Ask for the code of a login under way, which the browser's own tab remembers."""
    return _show("two_factor.html")


@blueprint.get("/two_step_verification/two_factor/")
def two_step() -> Response:
    """Ask for the code of a login under way on the newer page."""
    return _show("two_step.html", doc_id=two_step_calls.VALIDATE_DOC_ID)


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


@blueprint.get("/challenge/")
def suspicion() -> Response:
    """Warn the person that a machine seems to use the account; the warning's language is the fault's variant."""
    return _show("suspicion.html", warning=SUSPICIONS[request.args.get("sandbox_language", "")])


@blueprint.post("/challenge/dismiss/")
def dismiss() -> AnyResponse:
    """Put the warning away."""
    return redirect("/", 302)


@blueprint.get("/consent/")
@blueprint.get("/privacy/consent/")
def consent() -> Response:
    """Ask for consent to terms."""
    return _show("consent.html")


@blueprint.post("/consent/agree/")
def agree() -> AnyResponse:
    """Take the person's consent."""
    return redirect("/", 302)


@blueprint.get("/<username>/")
@blueprint.get("/<username>/followers/")
@blueprint.get("/<username>/following/")
@_logged_in_only
def profile(username: str) -> AnyResponse:
    """Show a person's profile."""
    person = find_person(username.lower())
    if person is None:
        return html(NOT_FOUND, 404)
    values = {"tokens": follow_query.tokens(), "dialog_script": follow_query.dialog(), "biography": _biography(person)}
    return _show("profile.html", person=person, **values)


def _biography(person: Person) -> str | None:
    world = site().world
    return world.biography if person.pk == world.account.pk else None
