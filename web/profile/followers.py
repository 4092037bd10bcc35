"""The follower lists: classes of people as tabs, searched, sorted, filtered and paged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.domain.exports import What
from shared.domain.growth import History
from shared.domain.jobs import JobKind
from shared.messages import Message
from shared.store.files import imports
from shared.store.followers import inactive, listing
from shared.store.followers.inactive import Scope
from shared.store.followers.listing import Counted, Sort, Wanted
from shared.store.followers.search import find, search
from shared.store.followers.segments import PERIODIC, Kind
from shared.store.profiles import overview
from shared.store.profiles.overview import ListVerdict
from shared.store.profiles.profiles import ProfileRow
from web.auth.session import database, login_required
from web.http import periods
from web.http.query import choice
from web.profile import list_state
from web.profile.base import own_profile
from web.profile_frame import frame_of
from web.text.platforms import has_names, reads
from web.text.values import NOT_KNOWN, number
from web.translation import _

bp = Blueprint("followers", __name__)
PAGE_SIZE = 50
LABELS = {
    Kind.ALL: Message("All"),
    Kind.NEW: Message("New"),
    Kind.LOST: Message("Lost"),
    Kind.NOT_FOLLOWING_BACK: Message("Not following back"),
    Kind.FANS: Message("Fans"),
    Kind.MUTUAL: Message("Mutual"),
    Kind.RENAMED: Message("Renamed"),
    Kind.GHOSTS: Message("Ghosts"),
}
MEANINGS = {
    Kind.ALL: Message("Everyone who follows this profile now, as far as Rollcall could read the list."),
    Kind.NEW: Message("Started following in this period. People in the first complete list are not new."),
    Kind.LOST: Message(
        "Left in this period; those who came back are marked. Only a complete list shows that someone left."
    ),
    Kind.NOT_FOLLOWING_BACK: Message("You follow them; they do not follow you."),
    Kind.FANS: Message("They follow you; you do not follow them."),
    Kind.MUTUAL: Message("You follow each other."),
    Kind.RENAMED: Message(
        "Changed their username in this period. Rollcall knows an account by its id, not by its name. "
        "A rename that only data downloads show is a guess, and marked as one."
    ),
    Kind.GHOSTS: Message(
        "Followers for 90+ days who never appeared among the likers or story viewers that Rollcall has read."
    ),
}
# Ghosts have no file: they are a judgement on the readings so far.
EXPORTED = {
    Kind.ALL: What.FOLLOWERS,
    Kind.NEW: What.NEW,
    Kind.LOST: What.LOST,
    Kind.NOT_FOLLOWING_BACK: What.NOT_FOLLOWING_BACK,
    Kind.FANS: What.FANS,
    Kind.MUTUAL: What.MUTUAL,
    Kind.RENAMED: What.RENAMED,
}
_FROM_THE_LIST = frozenset({Kind.ALL, Kind.LOST})
_READ_BY = {
    Kind.NOT_FOLLOWING_BACK: (JobKind.SYNC_FOLLOWING,),
    Kind.FANS: (JobKind.SYNC_FOLLOWING,),
    Kind.MUTUAL: (JobKind.SYNC_FOLLOWING,),
    Kind.GHOSTS: (JobKind.SYNC_LIKERS, JobKind.SYNC_STORIES),
}
"""The syncs that a class of people needs besides that of the followers, any of them."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One class of people: its count in words, or the reason why it has none."""

    kind: Kind
    label: str
    count: str
    missing: str | None
    address: str


@bp.get("/profiles/<uuid:profile_id>/followers")
@login_required
def show_list(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        if not has_names(profile.platform):
            return render_template("profile/no_names.html", **frame_of(conn, profile), tab="followers")
        scope = inactive.scope(conn, profile_id, profile.observed_at)
        wanted = _wanted(conn, profile, scope)
        history = overview.history(conn, profile_id, wanted.period)
        plain = Wanted(wanted.kind, wanted.period, ghosts=scope)
        shown = [kind for kind in Kind if kind is wanted.kind or _may_have(profile, kind)]
        kinds = [_tab(conn, profile, history, replace(plain, kind=kind)) for kind in shown]
        missing = next(tab.missing for tab in kinds if tab.kind is wanted.kind)
        try:
            page = listing.page(conn, profile_id, wanted, size=PAGE_SIZE, cursor=periods.cursor())
        except ValueError:
            abort(400)
        counted = _counted(conn, profile, wanted)
        imported = bool(imports.recent(conn, profile_id, limit=1))
        waits = missing and wanted.kind is not Kind.GHOSTS
        under_way = list_state.sync_under_way(conn, profile, list_state.PEOPLE) if waits else None
        frame = frame_of(conn, profile)
        inexact = _inexact(overview.list_verdicts(conn, profile_id)) if wanted.kind in _FROM_THE_LIST else None
    return render_template(
        "profile/followers.html",
        **frame,
        tab="followers",
        figures_alone=not imported and not profile.reads_people,
        period=wanted.period,
        wanted=wanted,
        kinds=kinds,
        page=page,
        matching=in_words(counted),
        back=0 if counted.more else counted.back,
        missing=missing,
        under_way=under_way,
        export=EXPORTED.get(wanted.kind),
        meaning=_(MEANINGS[wanted.kind]),
        periodic=wanted.kind in PERIODIC,
        imported=imported,
        coverage=scope.coverage if wanted.kind is Kind.GHOSTS else None,
        inexact=inexact,
    )


def _may_have(profile: ProfileRow, kind: Kind) -> bool:
    return kind not in _READ_BY or reads(profile.platform, *_READ_BY[kind])


def _inexact(verdicts: list[ListVerdict]) -> ListVerdict | None:
    """The newest reading of the followers if it has a reason: it was not whole, or differed from the count."""
    return next((one for one in verdicts if one.direction == "follower" and one.reason), None)


def _wanted(conn: WebConnection, profile: ProfileRow, scope: Scope) -> Wanted:
    given = request.args
    looked_for = search(given.get("q"))
    private = {"yes": True, "no": False}.get(given.get("private", ""))
    return Wanted(
        choice(Kind, given.get("kind")),
        periods.period_of(profile),
        choice(Sort, given.get("sort")),
        None if looked_for is None else find(conn, profile.id, looked_for),
        given.get("verified") == "yes",
        private,
        scope,
    )


def _tab(conn: WebConnection, profile: ProfileRow, history: History, wanted: Wanted) -> Tab:
    kind = wanted.kind
    missing = list_state.missing(profile, history, wanted)
    counted = Counted(None) if missing else _counted(conn, profile, wanted)
    shown = _(NOT_KNOWN) if missing else in_words(counted)
    return Tab(kind, _(LABELS[kind]), shown, missing, periods.here(kind=None if kind is Kind.ALL else kind))


def _counted(conn: WebConnection, profile: ProfileRow, wanted: Wanted) -> Counted:
    """The counters of the last two whole lists where they are enough, else a count."""
    if wanted.narrowed or profile.mutual_count is None or profile.fan_count is None:
        return listing.count(conn, profile.id, wanted)
    known = {
        Kind.ALL: profile.mutual_count + profile.fan_count,
        Kind.FANS: profile.fan_count,
        Kind.MUTUAL: profile.mutual_count,
        Kind.NOT_FOLLOWING_BACK: profile.not_following_back_count,
    }
    number_of = known.get(wanted.kind)
    return listing.count(conn, profile.id, wanted) if number_of is None else Counted(number_of)


def in_words(counted: Counted) -> str:
    """ "1,250", "3,000+", or "many" where there are too many to count."""
    if counted.number is None:
        return "many"
    return f"{number(counted.number)}{'+' if counted.more else ''}"
