"""The account file on the account page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app, url_for

from shared.db.pools import WebConnection
from shared.store.files import account_exports
from shared.store.files.account_exports import AccountExport
from web.auth.session import current_user
from web.exports import download_links
from web.services import services


@dataclass(frozen=True, slots=True)
class OwnData:
    """The newest account file, and the link to it while there is one."""

    export: AccountExport | None
    link: str | None

    @property
    def state(self) -> str:
        """none, working, ready, removed (its time is over) or failed."""
        if self.export is None:
            return "none"
        if self.export.working:
            return "working"
        if self.link is not None:
            return "ready"
        return "removed" if self.export.finished_at is not None else "failed"


def view_of(conn: WebConnection) -> OwnData:
    """The signed-in person's newest account file for the page."""
    export, now = account_exports.newest(conn, current_user().user_id), datetime.now(UTC)
    if export is None or not export.ready:
        return OwnData(export, None)
    until = download_links.lasts(services().settings.export_link_lifetime, now, export.expires_at)
    token = download_links.sign(str(current_app.secret_key), export.id, current_user().user_id, until)
    return OwnData(export, url_for("account_data.download", export_id=export.id, link=token))
