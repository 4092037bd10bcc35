"""The period in a page's address, and links that keep the rest of the address."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import abort, request

from shared.domain import zones
from shared.domain.paging import Cursor, read_token
from shared.domain.periods import (
    DEFAULT,
    DEFAULT_SHIFT,
    PRESETS,
    Choice,
    Comparison,
    Period,
    Preset,
    Range,
    Shift,
    parse,
    parse_comparison,
    parse_range,
    period,
)
from shared.errors import InputError
from shared.messages import Message
from shared.store.profiles.profiles import ProfileRow
from web.text.numbers import plain_day
from web.translation import _

LABELS: dict[Preset, Message] = {
    "1": Message("Latest day"),
    "7": Message("7 days"),
    "28": Message("28 days"),
    "30": Message("30 days"),
    "90": Message("90 days"),
    "month": Message("This month"),
    "last-month": Message("Last month"),
    "year": Message("This year"),
    "365": Message("12 months"),
    "all": Message("All time"),
}
SHIFT_LABELS: dict[Shift, Message] = {
    "weekday": Message("Previous period, same weekdays"),
    "previous": Message("Previous period, day by day"),
    "year": Message("A year earlier, same weekdays"),
    "none": Message("Nothing"),
}
_USUAL: tuple[Preset, ...] = ("7", "28", "90", "365", "all")
_CURSORS = {"after", "before"}
_DATES = {"from", "to"}
_COMPARED_DATES = {"compare-from", "compare-to"}


def period_of(profile: ProfileRow) -> Period:
    """The period in the page's address, ending with the profile's newest sync at the latest.

    Raises InputError for dates that do not exist.
    """
    return period(_choice(), profile.observed_at, zones.zone(profile.timezone), _comparison())


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
    kept = {name: value for name, value in request.args.items() if name not in _left_out(set(changes))}
    query = {name: value for name, value in (kept | changes).items() if value}
    return f"{request.path}?{urlencode(query)}" if query else request.path


def neighbour(to: Cursor | None) -> str | None:
    """The address of the page at the cursor; None without one."""
    return None if to is None else here(**{"before" if to.up else "after": to.token()})


def choices(now: Period) -> list[tuple[str, str, bool]]:
    """(address, label, whether it is this one) of the usual periods, and of the present one if it is another."""
    usual = _links(now, _USUAL)
    return usual if now.choice in _USUAL else [*usual, (here(period=str(now.choice)), label(now.choice), True)]


def other_choices(now: Period) -> list[tuple[str, str, bool]]:
    """As `choices`, of the periods that are not among the usual ones."""
    return _links(now, [preset for preset in PRESETS if preset not in _USUAL])


def comparisons(now: Period) -> list[tuple[str, str, bool]]:
    """(value, label, whether it is this one) of what a period can be compared with; the last one takes two dates."""
    found = [(str(shift), _(words), shift == now.against) for shift, words in SHIFT_LABELS.items()]
    return [*found, ("custom", _("The dates below"), isinstance(now.against, Range))]


def label(choice: Choice) -> str:
    """The period in words."""
    if isinstance(choice, Range):
        return _("%(first)s to %(last)s", first=plain_day(choice.first), last=plain_day(choice.last))
    return _(LABELS[choice])


def query_without(*changed: str) -> dict[str, str]:
    """The parts of the page's query that a form keeps which sets `changed`."""
    return {name: value for name, value in request.args.items() if name not in _left_out(set(changed)) | set(changed)}


def query_of(now: Period) -> str:
    """The query that takes the period to another page; empty for the default."""
    query = parts_of(now)
    return f"?{urlencode(query)}" if query else ""


def parts_of(now: Period) -> dict[str, str]:
    """The parts of a query that name the period and its comparison, without those that are the default."""
    period_part = {} if now.choice == DEFAULT else {"period": str(now.choice)}
    return period_part if now.against == DEFAULT_SHIFT else {**period_part, "compare": str(now.against)}


def _links(now: Period, presets: list[Preset] | tuple[Preset, ...]) -> list[tuple[str, str, bool]]:
    return [(here(period=preset), _(LABELS[preset]), preset == now.choice) for preset in presets]


def _left_out(changed: set[str]) -> set[str]:
    """The parts of the query that mean nothing once these are changed."""
    dates = _DATES if "period" in changed else set()
    return _CURSORS | dates | (_COMPARED_DATES if "compare" in changed else set())


def _choice() -> Choice:
    if any(request.args.get(name) for name in _DATES):
        return _typed("from", "to")
    try:
        return parse(request.args.get("period"))
    except ValueError:
        raise _no_dates() from None


def _comparison() -> Comparison:
    if request.args.get("compare") == "custom":
        return _typed("compare-from", "compare-to")
    try:
        return parse_comparison(request.args.get("compare"))
    except ValueError:
        raise _no_dates() from None


def _typed(first: str, last: str) -> Range:
    """The range of two fields of a form."""
    try:
        return parse_range(request.args.get(first, ""), request.args.get(last, ""))
    except ValueError:
        raise _no_dates() from None


def _no_dates() -> InputError:
    return InputError(_("These are no two dates."), next_step=_("Type both as year, month and day: 2026-03-31."))
