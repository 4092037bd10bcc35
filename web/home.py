"""The start: what Rollcall is for those who are not signed in, the list of profiles for those who are."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from shared.store import profiles
from web.parts import parts
from web.security import database, login_required, signed_in, step_due

bp = Blueprint("home", __name__)


@bp.get("/")
def index() -> ResponseReturnValue:
    if due := step_due():
        return redirect(due)
    if signed_in() is None:
        return render_template("landing.html", closed=not parts().settings.signup_open)
    with database() as conn:
        mine = profiles.list_for_web(conn)
    return render_template("profiles.html", profiles=mine)


@bp.get("/start")
@login_required
def start() -> ResponseReturnValue:
    """Where somebody goes after signing in: on to the only profile, else to the list of them."""
    with database() as conn:
        mine = profiles.list_for_web(conn)
    return redirect(f"/profiles/{mine[0].id}" if len(mine) == 1 else "/")


@bp.get("/profiles")
def listed() -> ResponseReturnValue:
    return redirect("/")
