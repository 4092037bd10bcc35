"""The period in a page's address, and links that keep the rest of the address."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import abort, request

from shared.domain import zones
from shared.domain.paging import Cursor, read_token
from shared.domain.periods import CHOICES, DEFAULT, Choice, Period, parse, period
from shared.messages import Message
from shared.store.profiles.profiles import ProfileRow
from web.translation import _

LABELS: dict[Choice, Message] = {
    "7": Message("7 days"),
    "28": Message("28 days"),
    "90": Message("90 days"),
    "365": Message("12 months"),
    "all": Message("All time"),
}
_CURSORS = {"after", "before"}


def period_of(profile: ProfileRow) -> Period:
    """The period in `?period=`, ending with the profile's newest sync."""
    return period(parse(request.args.get("period")), profile.observed_at, zones.zone(profile.timezone))


def cursor() -> Cursor | None:
    """The page's start, from `?after=` or `?before=`; aborts with 400 for a token that no page gave."""
    for name in _CURSORS:
        if token := request.args.get(name):
            try:
                return read_token(token, up=name == "before")
            except ValueError:
                abort(400)
    return None


def here(**changes: str | None) -> str:
    """This page's address with these parts of its query changed (None: left out), from its first page on."""
    kept = {name: value for name, value in request.args.items() if name not in _CURSORS}
    query = {name: value for name, value in (kept | changes).items() if value}
    return f"{request.path}?{urlencode(query)}" if query else request.path


def neighbour(to: Cursor | None) -> str | None:
    """The address of the page at the cursor; None without one."""
    return None if to is None else here(**{"before" if to.up else "after": to.token()})


def choices(now: Period) -> list[tuple[str, str, bool]]:
    """(address, label, whether it is this one) of each available period."""
    return [(here(period=choice), _(LABELS[choice]), choice == now.choice) for choice in CHOICES]


def query_of(now: Period) -> str:
    """The query that takes the period to another page; empty for the default."""
    return "" if now.choice == DEFAULT else f"?period={now.choice}"
