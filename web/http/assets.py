"""Style sheets, scripts and icons: our own, and the used part of Bootstrap's sheet from its Python package.

Every address carries the version of all files together, so that modules which import each other are versioned, too, and
an address never shows other content: it may be cached for a year. Each file is compressed once per process.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for

from web.http.css_subset import subset, words

bp = Blueprint("assets", __name__)
BOOTSTRAP = "bootstrap.css"
_OWN = Path(__file__).parents[1] / "static"
_TEMPLATES = Path(__file__).parents[1] / "templates"
_SHEET = Path(str(resources.files("flask_bootstrap"))) / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
_YEAR = 365 * 24 * 3600
_ROOT_FILES = ("favicon.ico", "robots.txt", "apple-touch-icon.png")
_TEXT = frozenset({"text/css", "text/javascript", "image/svg+xml", "text/plain"})
_SMALL = 500


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: plain, and compressed if it is text of some size."""

    content: bytes
    mimetype: str
    zipped: bytes | None


@bp.get("/assets/<version>/<path:name>")
def own(version: str, name: str) -> Response:
    """A file of this version. Under the address of another version, as a newer web names it, it is not cached."""
    return _answer(name, _YEAR if version == _version() else 0)


@bp.get("/<any(" + ", ".join(f"'{name}'" for name in _ROOT_FILES) + "):name>")
def at_the_root(name: str) -> Response:
    """A file that browsers and robots expect at the root."""
    return _answer(name, 24 * 3600)


def asset(name: str) -> str:
    """Returns the address of `static/<name>` or of Bootstrap's sheet, changed whenever any file changes."""
    return url_for("assets.own", version=_version(), name=name)


def _answer(name: str, seconds: int) -> Response:
    found = _load(name)
    if found is None:
        abort(404)
    zipped = found.zipped if request.accept_encodings["gzip"] else None
    response = Response(zipped or found.content, mimetype=found.mimetype)
    if zipped is not None:
        response.content_encoding = "gzip"
    if found.zipped is not None:
        response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    response.cache_control.immutable = seconds == _YEAR
    return response


@cache
def _load(name: str) -> Asset | None:
    if name == BOOTSTRAP:
        return _asset(name, _bootstrap())
    path = _files().get(name)
    return None if path is None else _asset(name, path.read_bytes())


def _asset(name: str, content: bytes) -> Asset:
    mimetype = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if mimetype not in _TEXT or len(content) < _SMALL:
        return Asset(content, mimetype, None)
    return Asset(content, mimetype, gzip.compress(content, mtime=0))


def _bootstrap() -> bytes:
    sources = (*_TEMPLATES.rglob("*.html"), *_OWN.rglob("*.js"))
    used = words(path.read_text(encoding="utf-8") for path in sources)
    return subset(_SHEET.read_text(encoding="utf-8"), used).encode()


@cache
def _files() -> dict[str, Path]:
    """Our own files by name; only these are served, so that no name leads out of the folder."""
    return {path.relative_to(_OWN).as_posix(): path for path in _OWN.rglob("*") if path.is_file()}


@cache
def _version() -> str:
    digest = hashlib.sha256(_SHEET.read_bytes())
    for path in sorted((*_files().values(), *_TEMPLATES.rglob("*.html"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
