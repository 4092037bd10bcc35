"""Uploads a data download: the file goes to the worker unopened (R-1), and a page shows the result."""

from __future__ import annotations

import codecs
import errno
import shutil
from dataclasses import dataclass
from uuid import UUID, uuid4

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from shared import logs
from shared.domain.input.text import clean_line
from shared.errors import FilesAway, FileTooLarge
from shared.messages import Message
from shared.platforms import PLATFORMS, Platform, WayIn
from shared.store.files import imports
from shared.store.files import past_insights as stored_insights
from shared.store.files.imports import Upload
from shared.store.profiles import profiles
from shared.store.profiles.profiles import ProfileState
from web.auth import rate_limits
from web.auth.session import current_user, database, find_session, login_required
from web.connect.enqueue import known_timezone
from web.connect.login_form import OWNED_FAULT
from web.profile import past_insights
from web.profile.base import own_profile
from web.profile_frame import frame_of
from web.services import services
from web.text.values import number
from web.translation import _, translate

PATH = "/connect/data-download"
bp = Blueprint("data_download", __name__)
_log = logs.get("web.connect.data_download")
_FORM_BYTES = 256 * 1024
_MOST_FILES = 20
_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_PIECE = 1024 * 1024
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_GIVEN = Message("Choose the file that Instagram gave you; its name ends in .zip.")
_NO_ZIP = Message("This is no ZIP file. Choose the file as Instagram gave it to you; its name ends in .zip.")
_DELETING = Message("This profile is being deleted. Wait until it is gone, then upload the data download again.")
_FULL = Message("The disk of this installation is full. Make room on it, then upload the data download again.")


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that passed the checks."""

    username: str
    files: list[FileStorage]
    timezone: str


def let_large_files_in(app: Flask) -> None:
    """Raises the limit for this one form; must run before the check of form tokens, which reads the whole request."""

    @app.before_request
    def raise_limit() -> ResponseReturnValue | None:
        if request.path != PATH or request.method != "POST":
            return None
        if find_session() is None:
            return redirect(url_for("auth.login", next=PATH))
        largest = services().settings.data_download_max_mb * 1024**2
        if (request.content_length or 0) > largest + _FORM_BYTES:
            return _form("", {"data_download": _too_large()}), 413
        request.max_content_length = largest + _FORM_BYTES
        return None


@bp.get(PATH)
@login_required
def form() -> ResponseReturnValue:
    return _form(_platform().username(request.args.get("username", "")) or "")


@bp.post(PATH)
@login_required
def hand_over() -> ResponseReturnValue:
    person, typed = current_user(), request.form.get("username", "")
    sent, faults = _checked()
    if sent is None:
        return _form(typed, faults, owned="owned" in request.form), 400
    if wait := rate_limits.wait_for((rate_limits.CONNECT, str(person.user_id))):
        return _form(typed, {"form": rate_limits.too_many(wait)}, owned=True), 429
    try:
        job_id = _enqueue(person.user_id, sent)
    except (FileTooLarge, FilesAway) as error:
        return _form(typed, {"form": translate(error.message)}, owned=True), 413 if isinstance(
            error, FileTooLarge
        ) else 503
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        return _form(typed, {"form": _(_FULL)}, owned=True), 507
    if job_id is None:
        return _form(typed, {"form": _(_DELETING)}), 409
    return redirect(url_for("jobs.show", job_id=job_id))


@bp.get("/profiles/<uuid:profile_id>/imports")
@login_required
def show_imports(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        found = imports.recent(conn, profile_id)
        account = past_insights.of_account(conn, profile_id)
        posts = stored_insights.posts(conn, profile_id)
        frame = frame_of(conn, profile)
    return render_template(
        "connect/imports.html",
        **frame,
        tab="settings",
        imports=found,
        account=account,
        posts=posts,
    )


def _platform() -> Platform:
    """The platform whose data downloads this page takes; 404 without one."""
    return next((one for one in PLATFORMS.values() if WayIn.DATA_DOWNLOAD in one.ways_in), None) or abort(404)


def _checked() -> tuple[Sent | None, dict[str, str]]:
    files = [file for file in request.files.getlist("data_download") if file.filename]
    typed = request.form.get("username", "").strip()
    platform = _platform()
    name_in = platform.username_of_download
    named = next((name for file in files if name_in and (name := name_in(file.filename or ""))), None)
    username = platform.username(typed) if typed else named
    faults: dict[str, str] = {}
    if not files or len(files) > _MOST_FILES:
        faults["data_download"] = (
            _(_GIVEN) if not files else _("Upload at most %(number)s files at a time.", number=_MOST_FILES)
        )
    elif not all(_may_be_export(file) for file in files):
        faults["data_download"] = _(_NO_ZIP)
    if username is None and (files or typed) and "data_download" not in faults:
        faults["username"] = translate(platform.username_fault)
    if "owned" not in request.form:
        faults["owned"] = _(OWNED_FAULT)
    if faults or username is None:
        return None, faults
    return Sent(username, files, known_timezone(request.form.get("timezone", ""))), {}


def _may_be_export(file: FileStorage) -> bool:
    """Whether the upload begins like a ZIP, a JSON or an HTML file; leaves it at its beginning."""
    head = file.stream.read(64)
    file.stream.seek(0)
    return head.startswith(_ZIP_STARTS) or head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"[", b"<"}


def _enqueue(user_id: UUID, sent: Sent) -> UUID | None:
    """Stores the files and enqueues their job; None when the profile is being deleted."""
    import_id, kept, job_id, made = uuid4(), list[str](), None, False
    try:
        size = sum(
            _keep(file, f"data-downloads/{user_id}/{import_id}-{number}.zip", kept)
            for number, file in enumerate(sent.files)
        )
        with database() as conn:
            profile = profiles.find_or_add(conn, user_id, _platform().name, sent.username, sent.timezone)
            if profile.state != ProfileState.DELETING:
                names = [clean_line((file.filename or "export.zip")[-200:]) for file in sent.files]
                job_id, made = imports.create(conn, user_id, profile.id, Upload(import_id, names, kept, size))
    finally:
        if not made:
            for path in kept:
                services().files.delete(path)
    if job_id is not None and not made:
        flash(_("A data download is being imported already; the one you uploaded now was not used."), "warning")
    _log.info("data_download_received", job_id=str(job_id), bytes=size, files=len(kept), created=made)
    return job_id


def _keep(file: FileStorage, path: str, kept: list[str]) -> int:
    """Copies the upload a piece at a time, and returns its size."""
    with services().files.open_writer(path) as target:
        shutil.copyfileobj(file.stream, target, _PIECE)
        size = target.tell()
    kept.append(path)
    return size


def _too_large() -> str:
    return _(
        "This is larger than the %(number)s megabytes that this installation takes. Ask Instagram for "
        "Followers and following only, which is small, or run `rollcall import` on the machine itself.",
        number=number(services().settings.data_download_max_mb),
    )


def _form(typed: str = "", faults: dict[str, str] | None = None, *, owned: bool = False) -> str:
    largest = services().settings.data_download_max_mb
    return render_template("connect/data_download.html", typed=typed, faults=faults or {}, owned=owned, largest=largest)
