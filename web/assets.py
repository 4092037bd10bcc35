"""Style sheets and scripts, our own and Bootstrap's from its Python package; nothing comes from another host."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

from flask import Blueprint, Flask, Response, request, send_from_directory, url_for

bp = Blueprint("assets", __name__)
_OWN = Path(__file__).with_name("static")
_BOOTSTRAP = Path(str(resources.files("flask_bootstrap"))) / "static" / "bootstrap5"
_YEAR = 365 * 24 * 3600


@bp.get("/assets/bootstrap/<path:name>")
def bootstrap(name: str) -> Response:
    return send_from_directory(_BOOTSTRAP, name, max_age=_age())


@bp.get("/assets/rollcall/<path:name>")
def own(name: str) -> Response:
    return send_from_directory(_OWN, name, max_age=_age())


def asset(name: str) -> str:
    """The address of `static/<name>` (or `bootstrap/<name>`), changed whenever the file changes."""
    if name.startswith("bootstrap/"):
        rest = name.removeprefix("bootstrap/")
        return url_for("assets.bootstrap", name=rest, v=_version(_BOOTSTRAP / rest))
    return url_for("assets.own", name=name, v=_version(_OWN / name))


def add_to_templates(app: Flask) -> None:
    """Gives templates `asset(name)`."""
    app.jinja_env.globals["asset"] = asset


def _age() -> int:
    # Modules import each other without a version, so those are asked for again and answered with 304.
    return _YEAR if "v" in request.args else 0


@cache
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
