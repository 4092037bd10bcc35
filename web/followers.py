"""The follower lists: classes of people as tabs, searched, sorted, filtered and paged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from shared.db.pools import WebConnection
from shared.domain.growth import History, Missing
from shared.store import followers, ghosts, overview
from shared.store.follower_lists import PERIODIC, Kind
from shared.store.followers import Counted, Sort, Wanted
from shared.store.ghosts import Scope
from shared.store.overview import ListVerdict
from shared.store.people_search import find, search
from shared.store.profiles import ProfileRow
from web import periods
from web.choices import choice
from web.profile_page import own_profile
from web.security import database, login_required
from web.wording import NOT_KNOWN, number

bp = Blueprint("followers", __name__)
PAGE_SIZE = 50
LABELS = {
    Kind.ALL: "All",
    Kind.NEW: "New",
    Kind.LOST: "Lost",
    Kind.NOT_FOLLOWING_BACK: "Not following back",
    Kind.FANS: "Fans",
    Kind.MUTUAL: "Mutual",
    Kind.RENAMED: "Renamed",
    Kind.GHOSTS: "Ghosts",
}
MEANINGS = {
    Kind.ALL: "Everybody who follows this profile now, as far as its list could be read.",
    Kind.NEW: "Who came in this period. The people of the first reading were there before and are not new, unless "
    "Instagram's export tells when they came.",
    Kind.LOST: "Who left in this period and is not back. Only a list that was read whole says that somebody left.",
    Kind.NOT_FOLLOWING_BACK: "Whom this profile follows and who does not follow it.",
    Kind.FANS: "Who follows this profile and is not followed by it.",
    Kind.MUTUAL: "Who follows this profile and is followed by it.",
    Kind.RENAMED: "Who changed their username in this period; they are known by their account, not by its name. "
    "Where only exports tell, it is a guess and says so.",
    Kind.GHOSTS: "Who has followed for 90 days or more and is in no list of likers or viewers that was read.",
}
_TOLD_BY_THE_LIST = frozenset({Kind.ALL, Kind.LOST})


@dataclass(frozen=True, slots=True)
class Tab:
    """One class of people: its count in words, and why it has none."""

    kind: Kind
    label: str
    count: str
    missing: Missing | None
    address: str


@bp.get("/profiles/<uuid:profile_id>/followers")
@login_required
def listed(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        scope = ghosts.scope(conn, profile_id, profile.observed_at)
        wanted = _wanted(conn, profile, scope)
        history = overview.history(conn, profile_id, wanted.period)
        plain = Wanted(wanted.kind, wanted.period, ghosts=scope)
        kinds = [_tab(conn, profile, history, replace(plain, kind=kind)) for kind in Kind]
        missing = next(tab.missing for tab in kinds if tab.kind is wanted.kind)
        try:
            page = followers.page(conn, profile_id, wanted, size=PAGE_SIZE, cursor=periods.cursor())
        except ValueError:
            abort(400)
        matching = in_words(_counted(conn, profile, wanted))
        inexact = _inexact(overview.list_verdicts(conn, profile_id)) if wanted.kind in _TOLD_BY_THE_LIST else None
    return render_template(
        "followers.html",
        profile=profile,
        tab="followers",
        period=wanted.period,
        wanted=wanted,
        kinds=kinds,
        page=page,
        matching=matching,
        missing=missing,
        meaning=MEANINGS[wanted.kind],
        periodic=wanted.kind in PERIODIC,
        coverage=scope.coverage if wanted.kind is Kind.GHOSTS else None,
        inexact=inexact,
    )


def _inexact(verdicts: list[ListVerdict]) -> ListVerdict | None:
    """The newest reading of the followers where it has a reason: it was not whole, or not as long as the count."""
    return next((one for one in verdicts if one.direction == "follower" and one.reason), None)


def _wanted(conn: WebConnection, profile: ProfileRow, scope: Scope) -> Wanted:
    given = request.args
    looked_for = search(given.get("q"))
    private = {"yes": True, "no": False}.get(given.get("private", ""))
    return Wanted(
        choice(Kind, given.get("kind")),
        periods.chosen(profile),
        choice(Sort, given.get("sort")),
        None if looked_for is None else find(conn, profile.id, looked_for),
        given.get("verified") == "yes",
        private,
        scope,
    )


def _tab(conn: WebConnection, profile: ProfileRow, history: History, wanted: Wanted) -> Tab:
    kind = wanted.kind
    missing = _missing(profile, history, wanted)
    counted = Counted(None) if missing else _counted(conn, profile, wanted)
    shown = NOT_KNOWN if missing else in_words(counted)
    return Tab(kind, LABELS[kind], shown, missing, periods.here(kind=None if kind is Kind.ALL else kind))


def _missing(profile: ProfileRow, history: History, wanted: Wanted) -> Missing | None:
    """Why this class cannot be told; a list that was read in part still shows who is known."""
    match wanted.kind:
        case Kind.ALL:
            return None if history.first_whole or profile.observed_at else Missing.NEVER_READ
        case Kind.NEW | Kind.LOST | Kind.RENAMED:
            return Missing.NO_LIST if history.first_whole is None else Missing.ONE_LIST if not history.later else None
        case Kind.GHOSTS:
            return None if wanted.ghosts and wanted.ghosts.coverage.enough else Missing.AUDIENCES
        case _:
            return Missing.LISTS if profile.mutual_count is None else None


def _counted(conn: WebConnection, profile: ProfileRow, wanted: Wanted) -> Counted:
    """The counters of the last two whole lists where they tell it, else a count."""
    if wanted.narrowed or profile.mutual_count is None or profile.fan_count is None:
        return followers.count(conn, profile.id, wanted)
    known = {
        Kind.ALL: profile.mutual_count + profile.fan_count,
        Kind.FANS: profile.fan_count,
        Kind.MUTUAL: profile.mutual_count,
        Kind.NOT_FOLLOWING_BACK: profile.not_following_back_count,
    }
    number_of = known.get(wanted.kind)
    return followers.count(conn, profile.id, wanted) if number_of is None else Counted(number_of)


def in_words(counted: Counted) -> str:
    """ "1,250", "3,000+", or "many" where nobody counted."""
    if counted.number is None:
        return "many"
    return f"{number(counted.number)}{'+' if counted.more else ''}"
