"""Reads dates as a data download writes them for people. All dates of a page together show its one language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from worker.importers.data_download.languages import (
    Language,
    Words,
    fitting,
    halves,
    meanings,
    plain,
    unknown,
    words_of,
)

_YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})(?:\s*[:h]\s*|\.)(\d{2})(?!\d)(?::\d{2})?(?:\s*([ap])\.?\s?m\b\.?)?")
_DIGIT = re.compile(r"\d+")
_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_DIGITS = re.compile(r"(?<!\d)(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(20\d\d)(?!\d)")
_YEAR_FIRST = re.compile(r"(?<!\d)(20\d\d)\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d)")
_SIGNS = re.compile(r"(?<!\d)(20\d\d)\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_NUMBERED_MONTH = re.compile(r"\b(?:tháng|thg|th)\.?\s*(\d{1,2})\b")
_ZONE = re.compile(r"\b(?:utc|gmt)(?:\s*[+\-−]\s*\d{1,2}(?::?\d\d)?)?\b|\b[pmce][sd]t\b")
# More kinds of texts than any one language uses for dates.
_MOST_PATTERNS = 300


@dataclass(frozen=True, slots=True)
class Written:
    """A date without a zone; `clock` is False where the text has the day only, and `at` is the day's beginning then."""

    at: datetime
    clock: bool


@dataclass(frozen=True, slots=True)
class _Parts:
    """The parts of a text: the day in digits or in words, and the time of day."""

    day: tuple[int, int, int] | None
    pair: tuple[int, int, int] | None
    words: Words
    number: int | None
    year: int | None
    clock: tuple[int, int, str] | None


class Dates:
    """The dates of one page: call `note` for all of its texts, then `read` for each."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._patterns: set[Words] = set()
        self._largest = [0, 0]
        self._fitting: tuple[Language, ...] | None = None
        for text in texts:
            self.note(text)

    def note(self, text: str) -> None:
        """Takes a text into account that may be a date."""
        parts = _apart(text)
        if parts is None:
            return
        if parts.pair is not None:
            self._largest = [max(self._largest[0], parts.pair[0]), max(self._largest[1], parts.pair[1])]
        elif parts.day is None and parts.words and len(self._patterns) <= _MOST_PATTERNS:
            self._patterns.add(parts.words)
            self._fitting = None

    def read(self, text: str) -> Written | None:
        """The date in the text, in the language of the page; None where it is none, or could be one of two."""
        parts = _apart(text)
        if parts is None:
            return None
        day = parts.day or (self._ordered(*parts.pair) if parts.pair else self._in_words(parts))
        clock = self._clock(parts) if parts.clock else (0, 0)
        if day is None or clock is None:
            return None
        try:
            return Written(datetime(*day, *clock), parts.clock is not None)  # noqa: DTZ001
        except ValueError:
            return None

    def _languages(self) -> tuple[Language, ...]:
        if self._fitting is None:
            self._fitting = fitting(self._patterns) if len(self._patterns) <= _MOST_PATTERNS else ()
        return self._fitting

    def _in_words(self, parts: _Parts) -> tuple[int, int, int] | None:
        months = {month for language in self._languages() for month in meanings(parts.words, language.months)}
        if len(months) != 1 or parts.year is None or parts.number is None:
            return None
        return parts.year, months.pop(), parts.number

    def _ordered(self, first: int, second: int, year: int) -> tuple[int, int, int] | None:
        """The date in the page's order; one page uses one order, and a number above 12 shows it."""
        day_first, month_first = self._largest[0] > 12, self._largest[1] > 12
        if day_first == month_first:
            return (year, first, second) if first == second and not day_first else None
        return (year, second, first) if day_first else (year, first, second)

    def _clock(self, parts: _Parts) -> tuple[int, int] | None:
        """The time of day; None where the text may mean either half of the day."""
        if parts.clock is None:
            return 0, 0
        hour, minute, half = parts.clock
        if hour > 12:
            return hour, minute
        if not half:
            meant = self._halves(parts)
            if meant is None:
                return hour, minute
            if len(meant) != 1 or "" in meant:
                return None
            half = next(iter(meant))[0]
        return hour % 12 + (12 if half == "p" else 0), minute

    def _halves(self, parts: _Parts) -> frozenset[str] | None:
        """The possible halves of the day: None where no word is needed, several where it is open."""
        if not parts.words:
            return None
        if parts.year is None:
            # A day in digits has no language of its own.
            return frozenset[str]().union(*meanings(parts.words, halves()))
        languages = self._languages()
        meant = frozenset(found for language in languages for found in meanings(parts.words, language.halves))
        return meant if meant or _may_lack_half(parts.words, languages) else None


def written_date(text: str, page: Dates | None = None) -> datetime | None:
    """The date and time in a text, without a zone; None where it is none, or could be one of two.

    `page` holds the other dates of the page, which show the language; without it the text has to be clear by itself.
    """
    found = (page or Dates([text])).read(text)
    return None if found is None else found.at


def _may_lack_half(words: Words, languages: tuple[Language, ...]) -> bool:
    """Whether all these languages use 12-hour clocks, and an unknown word may be the half of the day."""
    return bool(languages) and all(language.twelve and unknown(words, language) for language in languages)


def _apart(text: str) -> _Parts | None:
    shown = plain(text.strip())
    if not 6 <= len(shown) <= 60:
        return None
    shown = _ZONE.sub(" ", shown)
    day, pair = None, None
    for pattern, places in ((_SIGNS, (1, 2, 3)), (_YEAR_FIRST, (1, 3, 4)), (_DIGITS, (4, 3, 1))):
        if found := pattern.search(shown):
            year, month, number = (int(found[place]) for place in places)
            # With dots the order is day, month, year in every language.
            if pattern is _DIGITS and found[2] != ".":
                pair = (number, month, year)
            else:
                day = (year, month, number)
            shown = f"{shown[: found.start()]} {shown[found.end() :]}"
            break
    clock = _CLOCK.search(shown)
    rest = _CLOCK.sub(" ", shown)
    time = (int(clock[1]), int(clock[2]), clock[3] or "") if clock else None
    if day is not None or pair is not None:
        return _Parts(day, pair, _words(rest), None, None, time)
    return _worded(rest, time)


def _worded(rest: str, clock: tuple[int, int, str] | None) -> _Parts | None:
    years = _YEAR.findall(rest)
    if len(years) != 1:
        return None
    year, rest = int(years[0]), _YEAR.sub(" ", rest)
    month = _NUMBERED_MONTH.search(rest)
    if month is not None:
        rest = _NUMBERED_MONTH.sub(" ", rest, count=1)
    numbers = _NUMBER.findall(rest)
    if len(numbers) != 1:
        return None
    day = (year, int(month[1]), int(numbers[0])) if month else None
    return _Parts(day, None, _words(rest), int(numbers[0]), year, clock)


def _words(text: str) -> Words:
    return words_of(_DIGIT.sub(" ", text))


def month_of(text: str) -> int | None:
    """The month in a text without a year, 1 to 12; None for none, or where languages differ about it."""
    words = _words(plain(text))
    months = {month for language in fitting([words]) for month in meanings(words, language.months)}
    return months.pop() if len(months) == 1 else None
