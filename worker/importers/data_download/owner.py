"""Reads a data download's account and the time when that account began."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import unescape
from itertools import pairwise
from typing import IO, Any

from shared.errors import ArchiveUnsafe
from worker.importers.data_download.entries import USERNAME_LABELS, moment
from worker.importers.data_download.json_stream import DEEPEST, deeper_than
from worker.importers.data_download.text import label_of, username

_LARGEST = 2 * 1024 * 1024
_TAG = re.compile(r"<[^>]*>")


def stated_username(stream: IO[bytes]) -> str | None:
    """The username that `personal_information.json` states; None where it states none."""
    for label, value in _labelled(_small(stream)):
        if label in USERNAME_LABELS and (found := username(value.get("value"))):
            return found
    return None


def username_on_page(stream: IO[bytes]) -> str | None:
    """The username in the cell behind its label in `personal_information.html`; None where there is none."""
    text = stream.read(_LARGEST).decode("utf-8", "replace")
    cells = [cell for part in _TAG.split(text) if (cell := unescape(part).strip())]
    for label, value in pairwise(cells):
        if label.lower() in USERNAME_LABELS and (found := username(value)):
            return found
    return None


def earliest_moment(stream: IO[bytes]) -> datetime | None:
    """The earliest time in `signup_details.json`, the beginning of the account; None where it has none."""
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
    """Each label and the value under it, in both forms of data downloads."""
    if isinstance(value, list):
        for item in value:
            yield from _labelled(item)
    elif isinstance(value, Mapping):
        if isinstance(value.get("label"), str):
            yield label_of(value["label"]), value
        for key, inner in value.items():
            if isinstance(inner, Mapping):
                yield label_of(str(key)), inner
            yield from _labelled(inner)


def _everything(value: object) -> Iterator[object]:
    if isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _everything(inner)
    else:
        yield value
