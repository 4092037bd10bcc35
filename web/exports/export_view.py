"""An export for the page: its state in words, and the link when there is one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for

from shared.db.pools import WebConnection
from shared.domain.exports import TITLES, What
from shared.domain.jobs import JobKind
from shared.domain.periods import PRESETS, Choice
from shared.store.files import exports
from shared.store.files.exports import ExportView
from shared.store.queue import jobs
from web.auth.session import current_user
from web.exports import download_links
from web.http import periods
from web.jobs.job_json import job_json
from web.services import services
from web.text import values
from web.text.platforms import reads, shows_audience
from web.translation import _

_READ_BY = {
    **dict.fromkeys(TITLES, (JobKind.SYNC_FOLLOWERS,)),
    **dict.fromkeys((What.FOLLOWING, What.MUTUAL, What.FANS, What.NOT_FOLLOWING_BACK), (JobKind.SYNC_FOLLOWING,)),
    What.CHANGES: (JobKind.SYNC_FOLLOWERS, JobKind.SYNC_FOLLOWING),
    What.MEDIA: (JobKind.SYNC_MEDIA,),
    What.DAYS: (JobKind.SYNC_PROFILE,),
    What.INSIGHTS: (JobKind.SYNC_INSIGHTS,),
}
"""The syncs that bring the rows of a file, any of them."""
_LINKS_ANEW_EVERY = 300  # seconds; well within the life of a link


@dataclass(frozen=True, slots=True)
class Shown:
    """One export; `job` is `web.jobs.job_json` until the file exists, `link` leads to the file while it exists."""

    export: ExportView
    title: str
    job: dict[str, Any] | None
    link: str | None

    @property
    def state(self) -> str:
        """working, ready, removed (its time is over) or failed."""
        if self.export.working:
            return "working"
        if self.link is not None:
            return "ready"
        return "removed" if self.export.finished_at is not None else "failed"

    @property
    def reason(self) -> str:
        """The reason why there is no file, as sentences."""
        if self.job is not None and self.job["error"]:
            return str(self.job["error"]["message"])
        return _("It was cancelled.") if self.job is not None else _("Its job no longer exists.")

    @property
    def size(self) -> str:
        """Such as "340 bytes", "12 kB", "1.4 MB"."""
        return values.size(self.export.byte_count)


@dataclass(frozen=True, slots=True)
class List:
    """The newest export apart from the earlier ones. `version` changes whenever the page has something new to show."""

    newest: Shown | None
    earlier: list[Shown]
    version: str

    @property
    def working(self) -> bool:
        return any(shown.state == "working" for shown in (self.newest, *self.earlier) if shown)


def period_labels(chosen: Choice) -> dict[str, str]:
    """The periods to choose from, in words; the first is the one for most files, the last the days of the page."""
    order: list[Choice] = ["all", *(preset for preset in PRESETS if preset != "all")]
    return {str(choice): periods.label(choice) for choice in (*order, *([] if chosen in order else [chosen]))}


def titles(platform: str) -> dict[What, str]:
    """What a profile of the platform can export, in words."""
    return {what: _(title) for what, title in TITLES.items() if _offers(platform, what)}


def _offers(platform: str, what: What) -> bool:
    """Whether the platform can have rows of the file; an audience may also come by a data download."""
    return shows_audience(platform) if what is What.AUDIENCE else reads(platform, *_READ_BY[what])


def list_exports(conn: WebConnection, found: list[ExportView], now: datetime) -> List:
    """The exports in words, newest first."""
    shown = [_shown(conn, export, now) for export in found]
    content = [(one.export.id, one.state, one.job and (one.job["phase"], one.job["counts"])) for one in shown]
    bucket = int(now.timestamp()) // _LINKS_ANEW_EVERY
    version = hashlib.sha256(repr((content, bucket)).encode()).hexdigest()[:16]
    return List(shown[0] if shown else None, shown[1:], version)


def _shown(conn: WebConnection, export: exports.ExportView, now: datetime) -> Shown:
    job = jobs.get(conn, export.job_id) if export.job_id and export.finished_at is None else None
    return Shown(export, _(TITLES[export.what]), None if job is None else job_json(job, now), _link(export, now))


def _link(export: ExportView, now: datetime) -> str | None:
    if not export.ready:
        return None
    until = download_links.lasts(services().settings.export_link_lifetime, now, export.expires_at)
    token = download_links.sign(str(current_app.secret_key), export.id, current_user().user_id, until)
    return url_for("exports.download", profile_id=export.profile_id, export_id=export.id, link=token)
