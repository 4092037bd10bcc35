"""Paging by key: a page begins after a row, so it costs the same anywhere in a list and skips nothing. Pure."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The start of a page: after the row with this key, downwards or `up`. `row_id` tells equal keys apart."""

    key: str
    row_id: int
    up: bool = False

    def token(self) -> str:
        """The cursor as text for a URL, without its direction."""
        return urlsafe_b64encode(json.dumps([self.key, self.row_id]).encode()).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in the list's own order, and the cursors of its neighbours; None where there is none."""

    rows: tuple[T, ...]
    next: Cursor | None
    previous: Cursor | None


def read_token(token: str, *, up: bool) -> Cursor:
    """The reverse of `Cursor.token`; raises ValueError for any other text."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        key, row_id = json.loads(urlsafe_b64decode(padded))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError("not a page of this list") from error
    if not isinstance(key, str) or type(row_id) is not int or abs(row_id) >= 2**63 or "\x00" in key:
        raise ValueError("not a page of this list")
    return Cursor(key, row_id, up)


def cut(found: Sequence[T], size: int, came_by: Cursor | None, key: Callable[[T], tuple[str, int]]) -> Page[T]:
    """Makes the page from up to `size` + 1 rows in the query's order: nearest to the cursor first."""
    more = len(found) > size
    up = came_by is not None and came_by.up
    rows = tuple(found[:size])[:: -1 if up else 1]
    if not rows:
        return Page((), None, None)
    below = Cursor(*key(rows[-1])) if more or up else None
    above = Cursor(*key(rows[0]), up=True) if (more if up else came_by is not None) else None
    return Page(rows, below, above)
