"""A person's connections: the page of all of them, the same rows for a profile's settings, and the end of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from shared import logs
from shared.db.pools import WebConnection
from shared.messages import Message, Sentences, about
from shared.platforms import Provider, WayIn, label_of
from shared.store.profiles import connection_rows, connections
from shared.store.profiles.connection_rows import ConnectionRow
from web.auth.session import database, login_required
from web.text import platforms
from web.translation import _, translate

bp = Blueprint("connections", __name__)
_log = logs.get("web.connect.connections")
_METHODS: Mapping[str, Message] = {
    WayIn.BROWSER: Message("Browser"),
    WayIn.DATA_DOWNLOAD: Message("Data download"),
}
_STATES: Mapping[str, Message] = {
    "PENDING": Message("Not logged in yet"),
    "ACTIVE": Message("Works"),
    "EXPIRED": Message("Ended"),
    "CHALLENGED": Message("On hold: the platform asks a question"),
    "COOLING_DOWN": Message("In a cool-down"),
}
_TONES: Mapping[str, str] = {"ACTIVE": "tag-good", "EXPIRED": "tag-bad", "CHALLENGED": "tag-warn"}
_ENDED = Message("Disconnected. The session is destroyed here; your data stays.")
_LENT = Message("%(platform)s's rules let Rollcall keep what it read for 30 days without another sync.")


@dataclass(frozen=True, slots=True)
class Row:
    """A connection as a page shows it: `allowed` and `missing` are its scopes in words."""

    stored: ConnectionRow
    method: str
    state: str
    tone: str
    provider: Provider | None
    allowed: Sequence[str]
    missing: Sequence[str]
    connect_page: str

    @property
    def is_download(self) -> bool:
        """Whether it is a data download, which has no session that could end."""
        return self.stored.method == WayIn.DATA_DOWNLOAD


@bp.get("/account/connections")
@login_required
def show() -> ResponseReturnValue:
    with database() as conn:
        rows = rows_of(conn)
    return render_template("connect/connections.html", rows=rows)


@bp.post("/account/connections/<uuid:connection_id>/disconnect")
@login_required
def disconnect(connection_id: UUID) -> ResponseReturnValue:
    """Ends one connection, and shows the page again on which that was asked."""
    with database() as conn:
        row = next((row for row in rows_of(conn) if row.stored.id == connection_id), None)
        if row is None or row.is_download or not connections.disconnect_one(conn, connection_id):
            abort(404)
    _log.info("connection_ended", connection_id=str(connection_id), method=row.stored.method)
    flash(translate(ended_words(row.stored.platform, row.provider)), "success")
    of_profile = request.form.get("from") == "settings"
    return redirect(f"/profiles/{row.stored.profile_id}/settings" if of_profile else "/account/connections")


def rows_of(conn: WebConnection, profile_id: UUID | None = None) -> list[Row]:
    """The rows of all of the person's connections, or of one profile's."""
    return [_row(stored) for stored in connection_rows.rows(conn, profile_id)]


def ended_words(platform: str, provider: Provider | None) -> str:
    """What happened to a connection that was ended: to a token of this provider, or to a session, and to the data."""
    if provider is None:
        return _ENDED
    ended = Message(
        "Disconnected. The token is destroyed here, and %(provider)s is asked to end the access. "
        "You can see at %(address)s that it ended.",
        provider=provider.label,
        address=provider.permissions_url,
    )
    return Sentences(ended, what_stays(platform))


def what_stays(platform: str) -> str:
    """What becomes of the data of a profile that is disconnected."""
    return Message("Your data stays.") if platforms.may_rate(platform) else about(_LENT, label_of(platform))


def _row(stored: ConnectionRow) -> Row:
    provider = platforms.provider_of(stored.platform, stored.method)
    words = {} if provider is None else provider.scope_words
    granted = [] if provider is None else [scope for scope in provider.scopes if scope in stored.scopes]
    gaps = () if provider is None else provider.missing(stored.scopes)
    known = _STATES.get(stored.state)
    return Row(
        stored,
        _method(stored, provider),
        stored.state if known is None else _(known),
        _TONES.get(stored.state, ""),
        provider,
        [translate(words.get(scope, scope)) for scope in granted],
        [translate(words.get(scope, scope)) for scope in gaps],
        platforms.connect_page(stored.platform, stored.username, stored.method),
    )


def _method(stored: ConnectionRow, provider: Provider | None) -> str:
    if provider is not None:
        return _("%(provider)s's official way", provider=provider.label)
    known = _METHODS.get(stored.method)
    return stored.method if known is None else _(known)
