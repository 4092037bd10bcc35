"""Whether a person wants their alerts by mail: one switch on the account's page, where this installation sends mail."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, request
from flask.typing import ResponseReturnValue

from shared.store import mails
from web.parts import parts
from web.security import current_user, database, login_required

bp = Blueprint("mail_wishes", __name__)


@bp.app_context_processor
def _to_templates() -> dict[str, Callable[[], bool | None]]:
    return {"mail_wish": wish}


def wish() -> bool | None:
    """Whether the signed-in person wants mail; None where none is sent."""
    if parts().settings.mail_from is None:
        return None
    with database() as conn:
        return mails.wishes_alerts(conn, current_user().user_id)


@bp.post("/account/mail")
@login_required
def change() -> ResponseReturnValue:
    if parts().settings.mail_from is None:
        abort(404)
    wanted = request.form.get("alerts") == "yes"
    with database() as conn:
        mails.set_wish(conn, current_user().user_id, wanted)
    flash("Alerts come by mail from now on." if wanted else "Alerts do not come by mail any more.", "success")
    return redirect("/account")
