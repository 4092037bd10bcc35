"""The key ring as text: one JSON object, current keys first; errors name a fault without showing a key."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.errors import KeyFileError
from shared.vault.binding import key_from_text, key_to_text

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One secret key of 32 bytes, its fingerprint, and the time it was made."""

    key: bytes = field(repr=False)
    key_id: str
    created_at: datetime


def write(opening: Sequence[Entry], wrapping: Sequence[Entry]) -> str:
    """Return the keys as one line of JSON: the format's number, then both lists with id, created_at and key of each."""
    document = {"rollcall_keys": _FORMAT, "opening": _rows(opening), "wrapping": _rows(wrapping)}
    return json.dumps(document, separators=(",", ":"))


def read(text: str) -> tuple[list[Entry], list[Entry]]:
    """Return the opening and the wrapping keys of a ring; raise KeyFileError when it is not one."""
    document = _json(text)
    if not isinstance(document, dict):
        raise KeyFileError("The worker's keys are not a JSON object.")
    if document.get("rollcall_keys") != _FORMAT:
        raise KeyFileError(f'The worker\'s keys lack "rollcall_keys": {_FORMAT}: written by a newer release?')
    return _entries(document, "opening"), _entries(document, "wrapping")


def _rows(entries: Sequence[Entry]) -> list[dict[str, str]]:
    return [
        {"id": entry.key_id, "created_at": entry.created_at.isoformat(), "key": key_to_text(entry.key)}
        for entry in entries
    ]


def _json(text: str) -> object:
    # Some readers of environment files keep the quotes that a shell would take away.
    # A JSONDecodeError carries the whole document, so it must not become the cause of what is raised here.
    try:
        document: object = json.loads(text.strip().strip("'"))
    except (ValueError, RecursionError):
        return None
    return document


def _entries(document: dict[str, object], kind: str) -> list[Entry]:
    rows = document.get(kind)
    if not isinstance(rows, list) or not rows:
        raise KeyFileError(f'The worker\'s keys hold no "{kind}" key.')
    return [_entry(row, f"{kind} key {number}") for number, row in enumerate(rows, start=1)]


def _entry(row: object, name: str) -> Entry:
    texts = row if isinstance(row, dict) else {}
    key = key_from_text(str(texts.get("key", "")))
    created_at = _aware_time(str(texts.get("created_at", "")))
    if key is None:
        raise KeyFileError(f"The worker's {name} is not 32 bytes of base64url.")
    if created_at is None:
        raise KeyFileError(f"The worker's {name} has no created_at with a time zone.")
    return Entry(key, str(texts.get("id", "")), created_at)


def _aware_time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
