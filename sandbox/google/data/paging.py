"""Pages of a list: page tokens that belong to one list, and lists that go wrong."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from typing import TypeVar

from flask import request

from sandbox.google.api.answers import Json, parameter_error
from sandbox.google.api.parameters import whole
from sandbox.google.faults import FaultKind, Where
from sandbox.google.site import site

Item = TypeVar("Item")
_DEFAULT, _MOST = 5, 50


def page(key: str, items: Sequence[Item], least: int = 0) -> tuple[Sequence[Item], Json]:
    """Return one page of the list ``key`` with the fields of its answer that say where it lies."""
    size, start = whole("maxResults", least, _MOST, _DEFAULT), _start(key, len(items))
    end, faults = start + size, site().faults
    more = size > 0 and end < len(items)
    fields: Json = {}
    if more:
        again = faults.take(FaultKind.REPEATED_CURSOR, Where.DATA)
        fields["nextPageToken"] = _token(key, start if again else end)
    if start > 0 and size > 0:
        fields["prevPageToken"] = _token(key, max(start - size, 0))
    shown = items[start:end]
    if shown and faults.take(FaultKind.SHORT_LIST, Where.DATA):
        shown = shown[:-1]
    return shown, {**fields, "pageInfo": {"totalResults": len(items), "resultsPerPage": size}}


def _token(key: str, start: int) -> str:
    return base64.urlsafe_b64encode(f"{zlib.crc32(key.encode()):08x}:{start}".encode()).decode().rstrip("=")


def _start(key: str, length: int) -> int:
    token = request.args.get("pageToken")
    if not token:
        return 0
    refusal = parameter_error("invalidPageToken", "The request specifies an invalid page token.", "pageToken")
    if site().faults.take(FaultKind.BAD_PAGE_TOKEN, Where.DATA):
        raise refusal
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        start = int(text.partition(":")[2])
    except (binascii.Error, ValueError):
        raise refusal from None
    if token != _token(key, start) or start > length:
        raise refusal
    return start
