"""The start page: an introduction for visitors, the list of profiles for signed-in people."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from shared.store.media.newest import newest
from shared.store.profiles import profiles
from web.auth.session import database, find_session, login_required, step_due
from web.home import cards
from web.profile import figures
from web.services import services

bp = Blueprint("home", __name__)
_NEW_POSTS = 10


@bp.get("/")
def index() -> ResponseReturnValue:
    if due := step_due():
        return redirect(due)
    if find_session() is None:
        return render_template("home/landing.html", closed=not services().settings.signup_open)
    with database() as conn:
        mine = profiles.list_for_web(conn)
        groups = cards.groups(conn, mine)
        posts = newest(conn, _NEW_POSTS) if len(mine) > 1 else []
    return render_template(
        "home/profiles.html",
        groups=groups,
        several=len(mine) > 1,
        posts=posts,
        formulas=figures.formulas(),
        seen=cards.versions(mine),
    )


@bp.get("/start")
@login_required
def start() -> ResponseReturnValue:
    """Redirects after a sign-in: to the only profile, else to the list of them."""
    with database() as conn:
        mine = profiles.list_for_web(conn)
    return redirect(f"/profiles/{mine[0].id}" if len(mine) == 1 else "/")


@bp.get("/profiles")
def list_profiles() -> ResponseReturnValue:
    return redirect("/")
