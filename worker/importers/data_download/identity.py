"""Identifies the owner and day of a data download by every sign in its files, and refuses files that disagree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import groupby

from shared.domain.input.text import clean_line
from shared.errors import ArchiveMixed
from worker.importers.data_download.container import Archive, Member
from worker.importers.data_download.entries import Named
from worker.importers.data_download.file_names import days_of, owners_of

# The pages of one data download are written one after the other, and its parts are packed one after the other.
_ONE_MAKING = timedelta(hours=12)
# A name has the day of some zone, and a large data download may get its name a day after its pages.
_NAME_AND_PAGE = timedelta(days=2)
_DAY = timedelta(days=1)
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Paths:
    """The names of the uploaded files, and all paths in them."""

    names: frozenset[str]

    def owners(self) -> frozenset[str]:
        """Every username in a name or a folder."""
        return frozenset().union(*map(owners_of, self.names))

    def days(self) -> frozenset[datetime]:
        """Every day in a name or a folder."""
        return frozenset().union(*map(days_of, self.names))


def paths_of(archive: Archive, file_names: Iterable[str]) -> Paths:
    """The paths that may hold an owner or a day."""
    return Paths(frozenset(file_names) | {member.name for member in archive.members})


def one_owner(usernames: Iterable[str]) -> str | None:
    """The one account in all signs, None without any; raises ArchiveMixed for two."""
    found = sorted(set(usernames))
    if len(found) > 1:
        raise ArchiveMixed(f"These files are of different accounts: {', '.join(f'@{name}' for name in found)}.")
    return found[0] if found else None


def require_one_day(named: Iterable[datetime], written: Iterable[datetime]) -> None:
    """Raises ArchiveMixed unless all names hold one day and all pages were written then."""
    days, pages = sorted(set(named)), sorted(written)
    if len(days) > 1:
        raise _two_days(days)
    if pages and pages[-1] - pages[0] > _ONE_MAKING:
        raise _two_days(pages)
    if days and pages and not days[0] - _NAME_AND_PAGE <= pages[0] <= days[0] + _DAY + _NAME_AND_PAGE:
        raise _two_days([days[0], pages[0]])


def require_one_packing(members: Sequence[Member]) -> None:
    """Raises ArchiveMixed where ZIP files without a day in their names were packed on different days."""
    newest: dict[str, datetime] = {}
    for member in members:
        if member.modified is not None and not days_of(member.source):
            newest[member.source] = max(member.modified, newest.get(member.source, member.modified))
    if newest and max(newest.values()) - min(newest.values()) > _ONE_MAKING:
        raise _two_days(sorted(newest.values()))


def each_once(archive: Archive, numbered: Mapping[Member, int]) -> list[Member]:
    """The members in the order of their numbers, a copy of the same bytes left out.

    Raises ArchiveMixed where two files have one number and different contents.
    """
    chosen: list[Member] = []
    ordered = sorted(numbered, key=lambda member: (numbered[member], member.name))
    for _, alike in groupby(ordered, key=numbered.__getitem__):
        first, *copies = alike
        if copies and len({_digest(archive, member) for member in (first, *copies)}) > 1:
            names = " and ".join(clean_line(_shown(member), 120) for member in (first, *copies[:1]))
            raise ArchiveMixed(f"The same part of a list is there twice, with different contents: {names}.")
        chosen.append(first)
    return chosen


def unlike(archive: Archive, members: Sequence[Member]) -> list[Member]:
    """The members without those of the same name and the same bytes as another one."""
    names = Counter(member.file_name for member in members)
    seen: set[tuple[str, bytes]] = set()
    chosen = []
    for member in members:
        if names[member.file_name] > 1:
            sign = member.file_name, _digest(archive, member)
            if sign in seen:
                continue
            seen.add(sign)
        chosen.append(member)
    return chosen


def require_same_people(words: str, as_json: Iterable[Named], as_page: Iterable[Named]) -> None:
    """Raises ArchiveMixed unless both forms of one list name the same people, in any order.

    `words` name the list at the beginning of a sentence.
    """
    (first, of_json), (second, of_page) = _sum_of(as_json), _sum_of(as_page)
    if of_json != of_page:
        raise ArchiveMixed(
            f"{words} is there twice, as JSON and as HTML, and the two differ: the JSON names {first:,} and the HTML "
            f"{second:,}, not the same ones. Upload one of them."
        )


def _sum_of(people: Iterable[Named]) -> tuple[int, int]:
    """The number of people, and a checksum of their names that ignores the order."""
    count = total = 0
    for one in people:
        count += 1
        total += int.from_bytes(sha256(one.username.lower().encode()).digest(), "big")
    return count, total


def _shown(member: Member) -> str:
    name = member.name.replace("\\", "/").rsplit("/", 1)[-1]
    return name if member.source in ("", member.name) else f"{name} in {member.source}"


def _digest(archive: Archive, member: Member) -> bytes:
    found = sha256()
    with archive.reading(member) as stream:
        while piece := stream.read(_PIECE):
            found.update(piece)
    return found.digest()


def _two_days(days: Sequence[datetime]) -> ArchiveMixed:
    shown = f"{days[0].date().isoformat()} and {days[-1].date().isoformat()}"
    return ArchiveMixed(f"These files are of different days: {shown}.")
