"""The lies of a follow list: each answer may take several of them at once."""

from collections.abc import Sequence
from zlib import crc32

from sandbox.instagram.answers import SHELL, Json, html, refuse
from sandbox.instagram.faults import Fault, FaultKind
from sandbox.instagram.login.logged_out import logged_out
from sandbox.instagram.site import site

LISTS = ("followers", "following")
_MOVED_BY = 3
_REPEATED = 5
_HIDDEN_AT_ONCE = 25
_GAP = 7
_FEWEST_PARTS = 4


def taken(kind: FaultKind, which: str) -> Fault | None:
    """Return the next fault of a kind for that list and count it; its variant begins with the list, or names none."""
    for fault in site().faults.of(kind):
        named = fault.variant.partition(":")[0]
        if named == which or named not in LISTS:
            return fault if site().faults.happen(fault) else None
    return None


def gone(route: str, *, asked: bool) -> bool:
    """Whether a route was retired, for good until the faults are cleared; ``asked`` counts towards ``after``."""
    for fault in site().faults.of(FaultKind.ROUTE_GONE):
        if fault.variant == route:
            if not fault.after:
                return True
            fault.after -= int(asked)
    return False


def moved(which: str, count: int) -> int:
    """Return the profile's counter of a list; ``count_moves`` adds what its variant says (``followers:-2``), else 3."""
    fault = taken(FaultKind.COUNT_MOVES, which)
    if fault is None:
        return count
    by = fault.variant.rpartition(":")[2].replace("+", "")
    return max(0, count + (int(by) if by.lstrip("-").isdecimal() else _MOVED_BY))


def refused(which: str) -> None:
    """End the session in the middle of a walk, or answer with a page."""
    if taken(FaultKind.CUT_OFF, which):
        site().sessions.drop_all()
        refuse(logged_out(site().sessions.over))
    if taken(FaultKind.HTML_LIST, which):
        refuse(html(SHELL))


def shown(which: str, members: list[int], first: Sequence[int]) -> list[int]:
    """Return who is on a page instead of ``members``; ``first`` are the people of the list's first page."""
    if taken(FaultKind.BARREN_PAGES, which):
        return []
    if taken(FaultKind.SAME_PEOPLE, which):
        return list(first)
    if taken(FaultKind.STEADY_GAP, which):
        members = [pk for pk in members if pk not in _in_the_gap(which)]
    if taken(FaultKind.RERANKED, which):
        members = [pk for pk in members if not _is_hidden(which, pk)]
    if taken(FaultKind.DUPLICATES, which):
        members = [*members, *first[:_REPEATED], *members[:1]]
    return members


def oddly_numbered(which: str, rows: list[Json]) -> list[Json]:
    """Return the rows, their ids in all spellings if they are to be: only a number, only text, or number and text."""
    if not taken(FaultKind.WRONG_IDS, which):
        return rows
    return [_spelt(row, at % 3) for at, row in enumerate(rows)]


def without_name(which: str, rows: list[Json]) -> list[Json]:
    """Return the rows, every third without its username if they are to be: empty, null or left out."""
    if not taken(FaultKind.NAMELESS, which):
        return rows
    forms: tuple[Json, ...] = ({"username": ""}, {"username": None}, {})
    return [row if at % 3 else _without(row, "username") | forms[at // 3 % 3] for at, row in enumerate(rows)]


def _in_the_gap(which: str) -> frozenset[int]:
    """Seven people of a list, the same ones from the first time on, as deactivated accounts are."""
    people = site().world.population
    members = (people.followers if which == "followers" else people.following).members
    chosen = sorted(members, key=lambda pk: crc32(str(pk).encode()))[:_GAP]
    return site().hidden.setdefault(which, frozenset(chosen))


def _is_hidden(which: str, pk: int) -> bool:
    """Each pass hides another part of the people, a page's worth of a long list."""
    members = site().world.population.followers if which == "followers" else site().world.population.following
    parts = max(_FEWEST_PARTS, len(members.members) // _HIDDEN_AT_ONCE)
    return crc32(str(pk).encode()) % parts == site().passes[which] % parts


def _spelt(row: Json, form: int) -> Json:
    pk = int(str(row["pk"]))
    rest = _without(row, "pk", "pk_id", "id", "strong_id__")
    forms: tuple[Json, ...] = ({"pk": pk}, {"pk": str(pk), "pk_id": pk}, {"id": str(pk)})
    return {**rest, **forms[form]}


def _without(row: Json, *keys: str) -> Json:
    return {key: value for key, value in row.items() if key not in keys}
