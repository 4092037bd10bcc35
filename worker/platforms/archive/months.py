"""Dates as an export writes them for people, in the languages of its readers."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

# Names of months by their beginnings, without accents; the longest that fits counts. One line for each month.
_MONTHS = (
    "jan jän gen ene janv ocak sty янв led",
    "feb fev fév févr şub lut фев úno",
    "mar mär mars mrt maa мар bře maart",
    "apr abr avr nis kwi апр dub",
    "may mai maj mei mag mayıs май kvě",
    "jun juin giu haz cze июн červn czerwca",
    "jul juil lug lip tem июл červe",
    "aug ago août sie ağu авг srp",
    "sep set sett eyl wrz сен zář",
    "oct out okt ott eki paź окт říj",
    "nov kas lis ноя list",
    "dec dez dic déc ara gru дек pro des",
)
_WORD = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.h](\d{2})(?::\d{2})?(?:\s*([ap])\.?\s?m\b)?", re.I)
_DAY = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
_DIGITS = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](20\d\d)(?!\d)")
_ISO = re.compile(r"(20\d\d)-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d))?")


def _plain(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))


_STARTS = {_plain(start): month for month, starts in enumerate(_MONTHS, start=1) for start in starts.split()}


def month_of(text: str) -> int | None:
    """The month that a word of the text names, 1 to 12."""
    for word in _WORD.findall(_plain(text)):
        fitting = [start for start in _STARTS if word.startswith(start)]
        if fitting:
            return _STARTS[max(fitting, key=len)]
    return None


def written_date(text: str) -> datetime | None:
    """The date and time that a text is, without a zone; None where it is none, or could be one of two."""
    shown = text.strip()
    if not 6 <= len(shown) <= 60:
        return None
    # A day in digits may look like a time of day.
    clock = _CLOCK.search(_DIGITS.sub(" ", shown))
    hour, minute = _hour(clock) if clock else (0, 0)
    day = _iso(shown) or _in_words(_CLOCK.sub(" ", shown)) or _in_digits(shown)
    if day is None:
        return None
    try:
        return datetime(*day, hour, minute)  # noqa: DTZ001
    except ValueError:
        return None


def _hour(clock: re.Match[str]) -> tuple[int, int]:
    hour, half = int(clock[1]), (clock[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour, int(clock[2])


def _iso(text: str) -> tuple[int, int, int] | None:
    found = _ISO.search(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _in_words(text: str) -> tuple[int, int, int] | None:
    year, month = _YEAR.search(text), month_of(text)
    if year is None or month is None:
        return None
    day = _DAY.search(text[: year.start()] + " " + text[year.end() :])
    return (int(year[1]), month, int(day[1])) if day else None


def _in_digits(text: str) -> tuple[int, int, int] | None:
    found = _DIGITS.search(text)
    if found is None:
        return None
    first, second = int(found[1]), int(found[2])
    if first > 12 >= second:
        return int(found[3]), second, first
    if second > 12 >= first or first == second:
        return int(found[3]), first, second
    return None
