"""One page of a follow list, whichever route asks for it."""

import base64
import binascii
from dataclasses import dataclass

from sandbox.instagram.answers import Json, base_url, fail, refuse
from sandbox.instagram.faults import FaultKind
from sandbox.instagram.media.pictures import profile_picture
from sandbox.instagram.site import site
from sandbox.world.people import Person

from . import list_faults

_CURSOR_MARK = "QVFE"
_NUMBERED = 10**12
_LIMITED = 50


@dataclass(frozen=True, slots=True)
class ListPage:
    """The rows, where the list goes on (None: it ends), and whether it was cut short or ``has_more`` is to lie."""

    rows: list[Json]
    cursor: str | None
    limited: bool = False
    lies: bool = False

    @property
    def number(self) -> int | None:
        """The cursor as a number, such as the site gives now and then."""
        return None if self.cursor is None else _NUMBERED + (_read(self.cursor) or 0)


def list_page(which: str, cursor: str | None, size: int, route: str) -> ListPage:
    """Return the page of ``followers`` or ``following`` at a cursor of that route; refuses any other cursor."""
    world = site().world
    members = (world.population.followers if which == "followers" else world.population.following).members
    after = _read(cursor, route)
    if after is None:
        site().passes[which] += 1
    list_faults.refused(which)
    if list_faults.taken(FaultKind.EMPTY_LIST, which):
        return ListPage([], None)
    if list_faults.taken(FaultKind.LIMITED_LIST, which):
        return ListPage(_rows(which, members.page(None, _LIMITED)[0]), None, limited=True)
    page, go_on = members.page(after, size)
    people = list_faults.shown(which, page, members.page(None, size)[0])
    further = None if go_on is None else _write(go_on, route)
    if list_faults.taken(FaultKind.SHORT_LIST, which):
        further = None
    elif cursor and list_faults.taken(FaultKind.REPEATED_CURSOR, which):
        further = cursor
    return ListPage(_rows(which, people), further, lies=bool(list_faults.taken(FaultKind.HAS_MORE_LIES, which)))


def person_json(person: Person) -> Json:
    """Return a person as a row of a list: ``pk`` a number, ``pk_id`` the same as text."""
    return {
        "fbid_v2": str(17_841_400_000_000_000 + person.pk % 10**13),
        "pk": person.pk,
        "pk_id": str(person.pk),
        "id": str(person.pk),
        "strong_id__": str(person.pk),
        "username": person.username,
        "full_name": person.full_name,
        "is_private": person.is_private,
        "is_verified": person.is_verified,
        "has_anonymous_profile_picture": not person.has_picture,
        "profile_pic_id": f"{person.pk * 31 % 2**61}_{person.pk}" if person.has_picture else None,
        "profile_pic_url": profile_picture(base_url(), person, site().world.now),
        "account_badges": [],
        "is_possible_scammer": False,
        "third_party_downloads_enabled": int(not person.is_private),
        "latest_reel_media": 0,
    }


def _rows(which: str, members: list[int]) -> list[Json]:
    people = site().world.population.people
    rows = list_faults.without_name(which, [person_json(people[pk]) for pk in members])
    return list_faults.oddly_numbered(which, rows)


def _write(arrival: int, route: str) -> str:
    text = f"{arrival:012d}|{site().world.account.pk}|{route}"
    return _CURSOR_MARK + base64.urlsafe_b64encode(text.encode()).decode()


def _read(text: str | None, route: str | None = None) -> int | None:
    """Return where a cursor leads; one of another list's owner or of another route is refused."""
    if not text:
        return None
    if text.isdecimal() and int(text) > _NUMBERED:
        return int(text) - _NUMBERED
    try:
        arrival, owner, made_by = base64.urlsafe_b64decode(text.removeprefix(_CURSOR_MARK)).decode().split("|")
        number = int(arrival)
    except (binascii.Error, ValueError):
        refuse(fail(400, "invalid request"))
    if owner != str(site().world.account.pk) or route not in (None, made_by):
        refuse(fail(400, "invalid request"))
    return number
