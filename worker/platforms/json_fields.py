"""Reads the JSON of official interfaces: a field that is absent, or of another type, is None and never zero."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from shared.domain.input.text import clean, clean_line
from shared.errors import UnexpectedAnswer
from worker.platforms.http_api import Json

_LARGEST_COUNT = 2**63
_LONGEST_TEXT = 10_000
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def child(node: Json, name: str) -> Json:
    """The object of this name, an empty one where there is none."""
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def items(node: Json, name: str = "items") -> Iterator[Json]:
    """The objects of a list; nothing where there is no list."""
    value = node.get(name)
    yield from (one for one in (value if isinstance(value, list) else ()) if isinstance(one, dict))


def text(node: Json, name: str) -> str | None:
    """A text of any number of lines; None for an empty one."""
    value = node.get(name)
    return (clean(value, _LONGEST_TEXT) or None) if isinstance(value, str) else None


def line(node: Json, name: str) -> str | None:
    """A text of one line; None for an empty one."""
    value = node.get(name)
    return (clean_line(value) or None) if isinstance(value, str) else None


def need(node: Json, name: str) -> str:
    """A text of one line; raises UnexpectedAnswer, which names the field, where there is none."""
    value = line(node, name)
    if value is None:
        raise UnexpectedAnswer(f"The answer lacks `{name}`.")
    return value


def count(node: Json, name: str) -> int | None:
    """A whole number from 0 on, also where it is written as a text."""
    value = node.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_COUNT
    return value if known and isinstance(value, int) else None


def moment(node: Json, name: str) -> datetime | None:
    """A time with its offset, in UTC."""
    value = node.get(name)
    try:
        stamp = datetime.fromisoformat(value) if isinstance(value, str) else None
        return None if stamp is None or stamp.tzinfo is None else stamp.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def stamp(node: Json, name: str) -> datetime | None:
    """A time in seconds since 1970, in UTC."""
    seconds = count(node, name)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def day(value: object) -> date:
    """A day of a report; raises UnexpectedAnswer for anything else."""
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise UnexpectedAnswer("A row of the report has no day.") from None


def duration(node: Json, name: str) -> float | None:
    """Seconds of a length such as PT1M3S; None for 0, which stands for a broadcast that goes on."""
    value = node.get(name)
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds or None
