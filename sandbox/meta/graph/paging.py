"""Pages of a list: cursors, addresses of the next page, and lists that go wrong."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from sandbox.meta.faults import FaultKind, Where
from sandbox.meta.site import site

from .answers import GraphError, Json, bad

Item = TypeVar("Item")
_DEFAULT, _MOST = 25, 100


def page(items: Sequence[Item], keys: Sequence[str]) -> tuple[Sequence[Item], Json]:
    """Return the page that the present request asks for, with its ``paging``; ``keys`` name the items."""
    start, size, faults = _start(keys), limit(request.args.get("limit")), site().faults
    if start < len(items) and faults.take(FaultKind.EMPTY_PAGE, Where.MEDIA):
        here = keys[start - 1] if start else ""
        return [], {"paging": {"cursors": {"before": cursor(here), "after": cursor(here)}, "next": _address(here)}}
    shown, end = items[start : start + size], start + size
    if not shown:
        return [], {}
    after = keys[min(end, len(keys)) - 1]
    asked = request.args.get("after")
    if asked and faults.take(FaultKind.EQUAL_CURSORS, Where.MEDIA):
        after = _key(asked)
    paging: Json = {"cursors": {"before": cursor(keys[start]), "after": cursor(after)}}
    if end < len(items):
        paging["next"] = _address(after)
    if faults.take(FaultKind.SHORT_LIST, Where.MEDIA):
        shown = shown[:-1]
    return shown, {"paging": paging}


def limit(text: str | None) -> int:
    """Return the size of a page; more than a hundred is a hundred."""
    if text is None:
        return _DEFAULT
    if not text.isdecimal() or int(text) < 1:
        raise bad("Param limit must be a number greater than or equal to 1")
    return min(int(text), _MOST)


def cursor(key: str) -> str:
    """Return the cursor of an item."""
    return base64.urlsafe_b64encode(f"QVFI{key}".encode()).decode()


def _start(keys: Sequence[str]) -> int:
    text = request.args.get("after")
    if not text:
        return 0
    key = _key(text)
    if not key:
        return 0
    if key not in keys:
        raise GraphError(100, "(#100) Invalid cursor: the object it names is not there any more")
    return keys.index(key) + 1


def _key(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text).decode().removeprefix("QVFI")
    except (binascii.Error, ValueError):
        raise bad("Invalid parameter: after") from None


def _address(after: str) -> str:
    """Return the address of the next page; it holds the token."""
    query = {**request.args.to_dict(), "after": cursor(after)}
    return f"{request.base_url}?{urlencode(query)}"
