"""One data download as Rollcall reads it: the member for each content, whatever the year's folder names are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.social import Direction
from worker.importers.data_download import html_lists, json_lists
from worker.importers.data_download.container import Archive, Member
from worker.importers.data_download.entries import Named
from worker.importers.data_download.html_lists import Header
from worker.importers.data_download.identity import (
    each_once,
    one_owner,
    paths_of,
    require_one_day,
    require_one_packing,
    require_same_people,
    unlike,
)
from worker.importers.data_download.insights import Insight, Unread, insights
from worker.importers.data_download.own_media import OwnMedia, own_media
from worker.importers.data_download.owner import earliest_moment, stated_username, username_on_page

_LISTS = {
    Direction.FOLLOWER: re.compile(r"followers(?:_(\d+))?\.(?:json|html)"),
    Direction.FOLLOWING: re.compile(r"following(?:_(\d+))?\.(?:json|html)"),
}
_SECTIONS = {Direction.FOLLOWER: "followers", Direction.FOLLOWING: "following"}
_FORM_WORDS = {Direction.FOLLOWER: "The list of followers", Direction.FOLLOWING: "The list of accounts followed"}
_UNFOLLOWED = re.compile(r"recently_unfollowed_(?:profiles|accounts)\.(?:json|html)")
_OTHERS = re.compile(
    r"(pending_follow_requests|recent_follow_requests|follow_requests_you've_received|blocked_(?:profiles|accounts)"
    r"|close_friends|restricted_(?:profiles|accounts)|removed_suggestions|hide_story_from)\.(?:json|html)"
)
_MEDIA = {
    "post": re.compile(r"posts_\d+\.json"),
    "reel": re.compile(r"reels\.json"),
    "story": re.compile(r"stories\.json"),
}
_PERSONAL = re.compile(r"personal_information\.(?:json|html)")
_INSIGHTS = re.compile(r"past_instagram_insights/([^/]+)\.json$")
# The subject of such a file, whatever the name of a copy is.
_INSIGHT_FILE = re.compile(r"[a-z]+(?:_[a-z]+)+|posts|reels|stories")
_ZONES, _DAY = timedelta(hours=14), timedelta(days=1)


@dataclass
class ListPart:
    """The counts of one list so far: `skipped` entries named no one, `undated` people had no time of their own."""

    files: int = 0
    named: int = 0
    skipped: int = 0
    undated: int = 0


class DataDownload:
    """The lists, posts and figures of a data download. Every method reads its members anew, a piece at a time."""

    def __init__(self, archive: Archive, file_names: tuple[str, ...], headers: dict[str, Header] | None = None) -> None:
        self._archive = archive
        self._paths = paths_of(archive, file_names)
        self._lists: dict[Direction, list[Member]] = {}
        self.headers: dict[str, Header] = headers if headers is not None else {}

    def list_members(self, direction: Direction) -> list[Member]:
        """The files of one list in the order of their numbers; only the JSON where both forms exist.

        A copy beside its original is left out. Raises ArchiveMixed where two files have the same number and different
        contents.
        """
        if direction not in self._lists:
            found = [member for member in self._archive.members if self._is_list(member, direction)]
            self._lists[direction] = self._in_order(direction, _of_form(found, page=False) or found)
        return self._lists[direction]

    def require_one_form(self) -> None:
        """Raises ArchiveMixed where a list exists as JSON and as a page, and the two name different people.

        It reads both. The day and period on the pages count for the JSON, too.
        """
        for direction in Direction:
            found = [member for member in self._archive.members if self._is_list(member, direction)]
            pages = _of_form(found, page=True)
            if pages and _of_form(found, page=False):
                require_same_people(
                    _FORM_WORDS[direction],
                    self._people(self.list_members(direction), direction),
                    self._people(self._in_order(direction, pages), direction),
                )
        left = {page: self._named(_UNFOLLOWED, page=page) for page in (False, True)}
        if all(left.values()):
            as_json, as_page = (self._people(left[page], None) for page in (False, True))
            require_same_people("The list of accounts no longer followed", as_json, as_page)

    def gaps(self, direction: Direction) -> bool:
        """Whether a numbered file before the last one is missing: a part of the data download that was not uploaded."""
        numbers = {_number(member, direction) for member in self.list_members(direction)}
        return bool(numbers) and numbers != set(range(1, max(numbers) + 1))

    def people(self, direction: Direction, part: ListPart) -> Iterator[Named]:
        """The people of the list, file after file; unreadable entries are counted in `part`."""
        for member in self.list_members(direction):
            part.files += 1
            section = _SECTIONS[direction] if member.file_name == "connections.json" else None
            yield from self._counted(self._people_in(member, section), part)

    def unfollowed_people(self, part: ListPart) -> Iterator[Named]:
        """People whom the account itself stopped following lately, each with the time."""
        for member in self._in_one_form(_UNFOLLOWED):
            part.files += 1
            yield from self._counted(self._people_in(member, None), part)

    def other_lists(self) -> dict[str, ListPart]:
        """The number of people in the other lists (pending, blocked, close friends, …), by the name of their file."""
        counts: dict[str, ListPart] = {}
        for member in self._in_one_form(_OTHERS):
            part = counts.setdefault(member.file_name.rsplit(".", 1)[0], ListPart())
            part.files += 1
            for _ in self._counted(self._people_in(member, None), part):
                pass
        return counts

    def media(self) -> Iterator[OwnMedia | None]:
        """The account's own posts, reels and stories, None for one without a time."""
        for kind, pattern in _MEDIA.items():
            for member in self._named(pattern):
                with self._archive.reading(member) as stream:
                    yield from own_media(stream, kind)

    def insights(self, taken_at: datetime) -> Iterator[Insight | Unread]:
        """The past insights of a professional account."""
        for member in self._archive.members:
            if found := _INSIGHTS.search(member.name.replace("\\", "/").lower()):
                with self._archive.reading(member) as stream:
                    about = _INSIGHT_FILE.search(found[1])
                    yield from insights(stream, taken_at, about[0] if about else found[1])

    def has_anything(self) -> bool:
        """Whether it holds anything that Rollcall reads."""
        lists = any(self.list_members(direction) for direction in Direction)
        media = any(self._named(pattern) for pattern in _MEDIA.values())
        return lists or media or any(_INSIGHTS.search(member.name.lower()) for member in self._archive.members)

    def stated_username(self) -> str | None:
        """The username in the personal information; None where a data download of lists alone leaves it out.

        Raises ArchiveMixed where two files name two accounts.
        """
        return one_owner(self._stated())

    def username(self) -> str | None:
        """The account in the personal information, else in the names of the files and their folders.

        Raises ArchiveMixed where they name two.
        """
        return self.stated_username() or one_owner(self._paths.owners())

    def require_one(self) -> None:
        """Raises ArchiveMixed unless the files are the parts of one data download: one account, one day, no part twice.

        The days of pages are known only once `people` has read them.
        """
        one_owner({*self._stated(), *self._paths.owners()})
        require_one_day(self._paths.days(), self._written())
        require_one_packing([member for direction in Direction for member in self.list_members(direction)])

    def created_at(self) -> datetime | None:
        """The time when the account began; None where the data download leaves it out."""
        for member in self._named(re.compile(r"signup_details\.json")):
            with self._archive.reading(member) as stream:
                if found := earliest_moment(stream):
                    return found
        return None

    def made_at(self) -> datetime | None:
        """The time of the data download: from its pages, else from the names of its files, else from the packing.

        A data download may be packed again long after it was made, so a time of packing without a matching day in a
        name is only a guess (`tells_its_day`). None without any of these.
        """
        if written := self._written():
            return max(written)
        members = [member for direction in Direction for member in self.list_members(direction)]
        packed = max((member.modified for member in members if member.modified is not None), default=None)
        day = max(self._paths.days(), default=None)
        if day is None or packed is None:
            return day or packed
        # The day belongs to an unknown zone.
        return packed if day - _ZONES <= packed <= day + _DAY + _ZONES else day

    def tells_its_day(self) -> bool:
        """Whether a page or a name holds the day, so that the time of packing is not needed."""
        return bool(self._written() or self._paths.days())

    def _written(self) -> list[datetime]:
        return [header.made_at for header in self.headers.values() if header.made_at is not None]

    def _stated(self) -> set[str]:
        found = set()
        for member in self._named(_PERSONAL):
            with self._archive.reading(member) as stream:
                stated = stated_username(stream) if member.file_name.endswith(".json") else username_on_page(stream)
            found |= {stated} if stated else set()
        return found

    def window(self) -> tuple[datetime, datetime] | None:
        """The requested period as the data download states it; None without one, as in all JSON."""
        return next((header.window for header in self.headers.values() if header.window is not None), None)

    def uncertain(self, direction: Direction) -> timedelta:
        """The possible error of this list's dates: none, or the widest zone where a page has no offset."""
        pages = [self.headers.get(member.name) for member in self.list_members(direction)]
        return timedelta(hours=14) if any(page is not None and page.offset is None for page in pages) else timedelta(0)

    def _people_in(self, member: Member, section: str | None) -> Iterator[Named | None]:
        with self._archive.reading(member) as stream:
            if member.file_name.endswith(".json"):
                yield from json_lists.people(stream, section)
            else:
                header = self.headers.setdefault(member.name, Header())
                yield from html_lists.people(stream, header)

    def _counted(self, entries: Iterator[Named | None], part: ListPart) -> Iterator[Named]:
        for entry in entries:
            if entry is None:
                part.skipped += 1
                continue
            part.named += 1
            part.undated += entry.at is None
            yield entry

    def _is_list(self, member: Member, direction: Direction) -> bool:
        return member.file_name == "connections.json" or _LISTS[direction].fullmatch(member.file_name) is not None

    def _in_order(self, direction: Direction, members: list[Member]) -> list[Member]:
        return each_once(self._archive, {member: _number(member, direction) for member in members})

    def _people(self, members: list[Member], direction: Direction | None) -> Iterator[Named]:
        for member in members:
            section = _SECTIONS[direction] if direction and member.file_name == "connections.json" else None
            yield from (entry for entry in self._people_in(member, section) if entry is not None)

    def _in_one_form(self, pattern: re.Pattern[str]) -> list[Member]:
        """As `_named`, but only the JSON of a list that exists in both forms."""
        found = self._named(pattern)
        as_json = {_stem(member) for member in _of_form(found, page=False)}
        return [member for member in found if not _is_page(member) or _stem(member) not in as_json]

    def _named(self, pattern: re.Pattern[str], *, page: bool | None = None) -> list[Member]:
        """Each file once, of both forms or of one; a copy has its original's name, which is read for both."""
        found = [member for member in self._archive.members if pattern.fullmatch(member.file_name)]
        return unlike(self._archive, found if page is None else _of_form(found, page=page))


def _is_page(member: Member) -> bool:
    return member.file_name.endswith(".html")


def _of_form(members: list[Member], *, page: bool) -> list[Member]:
    return [member for member in members if _is_page(member) is page]


def _stem(member: Member) -> str:
    return member.file_name.rsplit(".", 1)[0]


def _number(member: Member, direction: Direction) -> int:
    found = _LISTS[direction].fullmatch(member.file_name)
    return int(found[1]) if found and found[1] else 1
