"""Reads lists of people in JSON of every year: a root array, an object around it, one bare entry, a mapping."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import IO, Any

from worker.importers.data_download.entries import Named, moment, person_of
from worker.importers.data_download.json_stream import Path, values
from worker.importers.data_download.text import username

_ENTRY_KEYS = frozenset({"string_list_data", "label_values"})
_FIELDS = _ENTRY_KEYS | {"title", "timestamp", "fbid", "media", "media_list_data"}


def people(stream: IO[bytes], section: str | None = None) -> Iterator[Named | None]:
    """Each entry of the list in order, None for one without a name.

    `section` picks one list of the old `connections.json` (`followers` or `following`). Raises ArchiveDamaged and
    ArchiveUnsafe as `values` does.
    """
    bare: dict[Path, dict[str, Any]] = {}
    for path, value in values(stream):
        if section is not None:
            if len(path) == 2 and path[0] == section:
                yield _by_name(path[1], value)
        elif path and path[-1] in _FIELDS:
            _put(bare.setdefault(path[:-1], {}), path[-1], value)
        elif len(path) < 2:
            yield person_of(value)
    for entry in bare.values():
        if entry.keys() & _ENTRY_KEYS:
            yield person_of(entry)


def _put(entry: dict[str, Any], field: str, value: object) -> None:
    """Puts a field into a bare entry where a list is expected; the field's lists arrive item by item."""
    if field in _ENTRY_KEYS:
        entry.setdefault(field, []).extend(value if isinstance(value, list) else [value])
    else:
        entry[field] = value


def _by_name(name: str, value: object) -> Named | None:
    """An entry of `connections.json`: a username and an ISO date, in UTC where it names no zone."""
    found = username(name)
    if found is None:
        return None
    if not isinstance(value, str):
        return Named(found, moment(value))
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return Named(found, None)
    return Named(found, moment((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()))
