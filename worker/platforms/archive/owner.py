"""Whose account an export is of, and since when that account exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import IO, Any

from shared.errors import ArchiveUnsafe
from worker.platforms.archive.entries import USERNAME_LABELS, moment
from worker.platforms.archive.json_stream import DEEPEST, deeper_than
from worker.platforms.archive.text import mended, username

_LARGEST = 2 * 1024 * 1024
_DATED_FILE = re.compile(r"instagram-.{1,30}-(20\d\d)-(\d\d)-(\d\d)", re.I)


def day_of_file(name: str) -> datetime | None:
    """The day in a name such as `instagram-alice-2026-11-01-a1B2c3D4.zip`, at its beginning in UTC; else None."""
    found = _DATED_FILE.match(name)
    if found is None:
        return None
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), tzinfo=UTC)
    except ValueError:
        return None


def stated_username(stream: IO[bytes]) -> str | None:
    """The username that `personal_information.json` states; None where it states none."""
    for label, value in _labelled(_small(stream)):
        if label in USERNAME_LABELS and (found := username(value.get("value"))):
            return found
    return None


def earliest_moment(stream: IO[bytes]) -> datetime | None:
    """The earliest time in `signup_details.json`, which is when the account began; None where it has none."""
    times = [at for value in _everything(_small(stream)) if (at := moment(value)) is not None]
    return min(times, default=None)


def _small(stream: IO[bytes]) -> object:
    text = stream.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        return None
    try:
        found: object = json.loads(text)
    except ValueError:
        return None
    except RecursionError:
        raise ArchiveUnsafe from None
    if deeper_than(found, DEEPEST):
        raise ArchiveUnsafe
    return found


def _labelled(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each label and what stands under it, in both of the forms that exports use."""
    if isinstance(value, list):
        for item in value:
            yield from _labelled(item)
    elif isinstance(value, Mapping):
        if isinstance(value.get("label"), str):
            yield mended(value["label"]).lower(), value
        for key, inner in value.items():
            if isinstance(inner, Mapping):
                yield mended(str(key)).lower(), inner
            yield from _labelled(inner)


def _everything(value: object) -> Iterator[object]:
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _everything(inner)
    else:
        yield value
