"""Reads lists of people in HTML: links and headings with dates beside them, or tables of labels and values."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import IO, Generic, TypeVar, cast
from urllib.parse import urlsplit

from worker.importers.data_download.entries import USERNAME_LABELS, Named, moment
from worker.importers.data_download.months import Dates, Written
from worker.importers.data_download.text import username, username_in_address

T = TypeVar("T")
_PIECE = 64 * 1024
_LONGEST_TEXT = 300
# Names stand in links and headings, and a name may look like a date.
_NO_DATES = frozenset({"a", "h1", "h2", "h3", "title", "style", "script"})
_HALF_DAY, _DAY, _WIDEST_ZONE = timedelta(hours=12), timedelta(days=1), timedelta(hours=15)
_HOUR = timedelta(hours=1)
# In March and April, and from September to November, zones change on different days.
_WINTER, _SUMMER = frozenset({12, 1, 2}), frozenset({5, 6, 7, 8})
_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


@dataclass
class Header:
    """The facts that the page states before its first entry.

    `made_at` is the time when the data download was made. `offset` is added to the page's dates to get UTC: its texts
    differ from UTC by hours, whatever zone they name. None where the page does not show it. `window` is the requested
    period, if stated. `dates` reads the page's dates in its language.
    """

    made_at: datetime | None = None
    offset: timedelta | None = None
    window: tuple[datetime, datetime] | None = None
    dates: Dates = field(default_factory=Dates, compare=False)

    def begin(self) -> None:
        """Forgets everything read so far, except the language."""
        self.made_at, self.offset, self.window = None, None, None


def people(stream: IO[bytes], header: Header) -> Iterator[Named | None]:
    """Each entry in order, None for one without a name; fills `header` before the first entry.

    The stream is read twice, because all dates together show the page's language. Dates have the precision of a minute,
    or of a day (`Named.uncertain`). Without an offset in the header they are taken as UTC.
    """
    texts: _Texts[str] = _Texts()
    for text in _fed(stream, texts):
        header.dates.note(text)
    stream.seek(0)
    header.begin()
    page = _Page(header)
    yield from _fed(stream, page)
    page.end_entry()
    yield from page.drain()


def _fed(stream: IO[bytes], page: _Texts[T]) -> Iterator[T]:
    """The parser's results, a piece of the stream at a time."""
    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    while piece := stream.read(_PIECE):
        page.feed(decode(piece))
        yield from page.drain()
    page.feed(decode(b"", final=True))
    page.close()
    yield from page.drain()


@dataclass
class _Entry:
    """The known parts of an entry so far."""

    name: str | None
    at: datetime | None = None
    uncertain: timedelta | None = None


class _Texts(HTMLParser, Generic[T]):
    """Yields each text of a page that may be a date."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._tag, self._text = "", ""
        self._found: list[T] = []

    def drain(self) -> list[T]:
        """The complete results, each given once."""
        found, self._found = self._found, []
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_text()
        self._tag = tag

    def handle_endtag(self, tag: str) -> None:
        self._end_text()
        self._tag = ""

    def handle_data(self, data: str) -> None:
        # A text may come in pieces.
        self._text = (self._text + data)[: _LONGEST_TEXT + 1]

    def _end_text(self) -> None:
        text, self._text = self._text.strip(), ""
        if text and len(text) <= _LONGEST_TEXT:
            self._note(text, _around_years(text) if self._tag not in _NO_DATES else [])

    def _note(self, text: str, parts: list[str]) -> None:
        """Takes a text, and the parts of it that may be dates."""
        self._found.extend(cast("list[T]", parts))


class _Page(_Texts[Named | None]):
    def __init__(self, header: Header) -> None:
        super().__init__()
        self._header = header
        self._entry: _Entry | None = None
        self._title: str | None = None
        self._label: str | None = None
        self._begun = False
        self._cells = 0
        self._time: str | None = None
        self._dates: list[datetime] = []
        self._made_seen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        self._cells += tag == "td"
        given = dict(attrs)
        if tag == "time" and self._time is None:
            self._time = given.get("datetime")
            self._note_made()
        elif tag == "a":
            self._link(given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        self._cells = max(0, self._cells - (tag == "td"))

    def _note(self, text: str, parts: list[str]) -> None:
        dates = [date for part in parts if (date := self._header.dates.read(part)) is not None]
        for date in dates:
            (self._date if self._begun else self._note_date)(date)
        if dates:
            return
        if self._tag in ("h2", "h3"):
            self._title = text
        elif self._cells:
            self._cell(text)

    def end_entry(self) -> None:
        """Completes the unfinished entry."""
        self._end_text()
        entry, self._entry = self._entry, None
        if entry is None:
            return
        self._found.append(None if entry.name is None else Named(entry.name, entry.at, entry.uncertain))

    def _link(self, address: str) -> None:
        """Begins an entry at a link to a profile, named by the heading above it or by its address."""
        heading, self._title = self._title, None
        if not _leads_to_profile(address):
            return
        name = username(heading) or username_in_address(address)
        waiting = self._entry is not None and self._entry.at is None
        if not (waiting and self._entry is not None and name is not None and name == self._entry.name):
            self._open(_Entry(name))

    def _cell(self, text: str) -> None:
        if self._label is not None and self._label in USERNAME_LABELS:
            self._named_by_cell(username(text))
            self._label = None
        else:
            self._label = text.lower()

    def _named_by_cell(self, name: str | None) -> None:
        if self._entry is None or self._entry.at is not None or self._entry.name not in (None, name):
            self._open(_Entry(name))
        else:
            self._entry.name = name

    def _open(self, entry: _Entry) -> None:
        self.end_entry()
        self._begun, self._entry = True, entry

    def _date(self, date: Written) -> None:
        self._label = None
        if self._entry is None or self._entry.at is not None:
            return
        shifted = date.at.replace(tzinfo=UTC) + (self._header.offset or timedelta())
        if shifted > (self._header.made_at or datetime.now(UTC)) + _DAY:
            # A follow after the page's own time means the years of another calendar.
            return
        # Without a time of day it is noon, half a day to each side.
        self._entry.at = moment((shifted if date.clock else shifted + _HALF_DAY).timestamp())
        self._entry.uncertain = self._summer_time(date.at) if date.clock else _HALF_DAY

    def _summer_time(self, at: datetime) -> timedelta | None:
        """An hour for a date in the other half of the year than the header, when its zone may have had another time."""
        made, offset = self._header.made_at, self._header.offset
        if not offset or made is None or _same_season(made - offset, at):
            return None
        return _HOUR

    def _note_made(self) -> None:
        try:
            made = datetime.fromisoformat(self._time or "")
        except ValueError:
            return
        self._header.made_at = made.replace(tzinfo=UTC) if made.tzinfo is None else made.astimezone(UTC)

    def _note_date(self, date: Written) -> None:
        """Takes a date in the header: a text with a clock beside `<time>` gives the offset, two others the period."""
        made, there = self._header.made_at, date.at.replace(tzinfo=UTC)
        if made is not None and not self._made_seen and abs(made - there) <= _DAY + _HALF_DAY:
            self._made_seen = True
            if date.clock and abs(made - there) <= _WIDEST_ZONE:
                self._header.offset = _whole_quarters(made - there)
            return
        self._dates.append(there)
        if len(self._dates) == 2:
            self._header.window = (min(self._dates), max(self._dates))


def _leads_to_profile(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.netloc.lower().endswith("instagram.com") and parts.path.strip("/") != ""


def _around_years(text: str) -> list[str]:
    """The text, or its two halves where it names two dates."""
    years = list(_YEAR.finditer(text))
    if len(years) != 2:
        return [text]
    between = text[years[0].end() : years[1].start()]
    # If the first date begins with its year, so does the second one.
    cut = years[1].start() if len(between) > 4 and years[0].start() == 0 else years[0].end()
    return [text[:cut], text[cut:]]


def _same_season(one: datetime, other: datetime) -> bool:
    """Whether no zone changes between summer and standard time between the two days of the year."""
    return any(one.month in months and other.month in months for months in (_WINTER, _SUMMER))


def _whole_quarters(difference: timedelta) -> timedelta:
    """Rounds to a quarter of an hour, as zones are; the rest is the difference between the two clocks."""
    return timedelta(minutes=15 * round(difference / timedelta(minutes=15)))
