"""The charts' script for the browser, made once by vl-convert in a process of its own and stored as a file.

Making it takes two seconds and 130 MB, which the web process must not keep.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from flask import Blueprint, Response, abort, request, send_file, url_for

from shared import logs
from shared.environment import needed_variables
from shared.folders import make_private
from web.services import services

bp = Blueprint("charts", __name__)
_log = logs.get("web.profile.charts")
_MAKE = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"
_PATIENCE_SECONDS = 120
_YEAR = 365 * 24 * 3600
_making = Lock()


@bp.get("/assets/charts/<name>.js")
def script(name: str) -> Response:
    if name != _name():
        abort(404)
    try:
        path = bundle(services().settings.data_dir / "cache")
    except (OSError, subprocess.SubprocessError) as error:
        _log.error("charts.bundle_failed", error=type(error).__name__)
        abort(503)
    zipped = request.accept_encodings.best_match(["gzip"]) is not None
    answer = send_file(path.with_suffix(".js.gz") if zipped else path, mimetype="text/javascript", max_age=_YEAR)
    answer.cache_control.immutable = True
    answer.vary.add("Accept-Encoding")
    if zipped:
        answer.content_encoding = "gzip"
    return answer


def bundle(folder: Path) -> Path:
    """The script's file, made if it does not exist, with a `.gz` beside it.

    Raises OSError if the folder cannot be written, SubprocessError if the script cannot be made.
    """
    path = folder / f"{_name()}.js"
    with _making:
        if not path.exists():
            make_private(folder)
            made = subprocess.run(
                [sys.executable, "-I", "-c", _MAKE],
                check=True,
                capture_output=True,
                timeout=_PATIENCE_SECONDS,
                env=needed_variables(),
            ).stdout
            _write(path.with_suffix(".js.gz"), gzip.compress(made, mtime=0))
            _write(path, made)
    return path


def script_address() -> str:
    """The script's address for pages; it changes with the script's version."""
    return url_for("charts.script", name=_name())


@cache
def _name() -> str:
    return f"vega-{version('vl-convert-python')}"


def _write(path: Path, content: bytes) -> None:
    """Writes the whole file or none: two processes may make it at once."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as temporary:
        temporary.write(content)
    os.replace(temporary.name, path)
