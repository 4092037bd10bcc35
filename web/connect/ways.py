"""Lists the ways in to every platform."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from shared.platforms import PLATFORMS, Platform
from web.auth.session import login_required
from web.connect.login_form import asked_username

bp = Blueprint("connect_ways", __name__)


@dataclass(frozen=True, slots=True)
class Offered:
    """A platform of the page. `prefix` sets its ids apart; `username` is the one in the page's address, or empty."""

    platform: Platform
    prefix: str
    username: str


@bp.get("/connect")
@login_required
def show() -> ResponseReturnValue:
    offered = [
        Offered(platform, "" if at == 0 else f"{platform.name}-", asked_username(platform))
        for at, platform in enumerate(PLATFORMS.values())
    ]
    return render_template("connect/ways.html", offered=offered)
