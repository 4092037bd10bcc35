"""Exports: request a file, follow its progress, download it by a link that is valid for a quarter of an hour."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from shared import logs
from shared.db.pools import WebConnection
from shared.domain.exports import Format, What
from shared.domain.periods import Choice, parse
from shared.errors import FilesAway
from shared.store.files import exports
from shared.store.profiles import overview
from shared.store.profiles.profiles import ProfileRow
from web.auth.session import current_user, database, login_required
from web.exports import download_links, export_view
from web.exports.download_links import Link
from web.exports.send_file import file_response
from web.http import periods
from web.profile.base import own_profile
from web.profile_frame import frame_of
from web.services import services
from web.translation import _, ngettext

bp = Blueprint("exports", __name__, url_prefix="/profiles/<uuid:profile_id>/exports")
_log = logs.get("web.exports.export_page")
_TYPES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("")
@login_required
def show_exports(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        return _page(conn, own_profile(conn, profile_id))


@bp.get("/list")
@login_required
def list_only(profile_id: UUID) -> ResponseReturnValue:
    """The list alone, for a page that is open already."""
    with database() as conn:
        profile = own_profile(conn, profile_id)
        shown = export_view.list_exports(conn, exports.recent(conn, profile_id), datetime.now(UTC))
    return render_template("exports/list.html", profile=profile, shown=shown)


@bp.post("")
@login_required
def create(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        choice = _choice()
        if choice is None:
            return _page(conn, profile, _("Choose what to export, a format and a period from the lists.")), 400
        made = exports.create(conn, current_user().user_id, profile_id, *choice)
        if made is None:
            most = ngettext(
                "%(num)s file of this profile is being written already. Wait until it is ready.",
                "%(num)s files of this profile are being written already. Wait until one is ready.",
                exports.MOST_LIVE,
            )
            return _page(conn, profile, most), 409
    return redirect(url_for(".show_exports", profile_id=profile_id))


@bp.post("/<uuid:export_id>/delete")
@login_required
def delete(profile_id: UUID, export_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        own_profile(conn, profile_id)
        if exports.get(conn, profile_id, export_id) is None:
            abort(404)
        path = exports.delete(conn, profile_id, export_id)
    if path is not None:
        _remove(path)
    flash(_("The export is deleted."), "success")
    return redirect(url_for(".show_exports", profile_id=profile_id))


@bp.get("/<uuid:export_id>/download")
@login_required
def download(profile_id: UUID, export_id: UUID) -> ResponseReturnValue:
    """The file, for the person of the link, while the link is valid; else a page with the next step."""
    token, now = request.args.get("link", ""), datetime.now(UTC)
    worth = download_links.read(str(current_app.secret_key), token, export_id, current_user().user_id, now)
    if worth is Link.FOREIGN:
        return render_template("exports/link_foreign.html"), 404
    with database() as conn:
        own_profile(conn, profile_id)
        export = exports.get(conn, profile_id, export_id)
    if worth is Link.OVER and export is not None and export.ready:
        return render_template("exports/link_over.html", profile_id=profile_id, there=True), 410
    found = None
    if worth is Link.GOOD and export is not None and export.ready:
        found = file_response(export.path, export.filename or "rollcall", _TYPES[export.format], now, export.expires_at)
    if found is None:
        return render_template("exports/link_over.html", profile_id=profile_id, there=False), 410
    return found


def _remove(path: str) -> None:
    try:
        services().files.delete(path)
    except FilesAway:
        # Its row is gone, so the worker's sweep removes it as a file without a row.
        _log.warning("exports.file_left_behind", path=path)


def _choice() -> tuple[What, Format, Choice] | None:
    form = request.form
    asked = form.get("period", "all")
    try:
        what, kind, period = What(form.get("what", "")), Format(form.get("format", "")), parse(asked)
    except ValueError:
        return None
    return (what, kind, period) if str(period) == asked else None


def _page(conn: WebConnection, profile: ProfileRow, problem: str = "") -> str:
    chosen = periods.period_of(profile)
    asked = request.form if request.method == "POST" else request.args
    return render_template(
        "exports/exports.html",
        **frame_of(conn, profile),
        tab="exports",
        period=chosen,
        people_known=overview.history(conn, profile.id, chosen).people_known,
        shown=export_view.list_exports(conn, exports.recent(conn, profile.id), datetime.now(UTC)),
        titles=export_view.titles(profile.platform),
        formats={form: form.upper() for form in Format},
        periods=export_view.period_labels(chosen.choice),
        asked=asked,
        problem=problem,
        keep=services().settings.export_lifetime,
        link_lifetime=services().settings.export_link_lifetime,
    )
