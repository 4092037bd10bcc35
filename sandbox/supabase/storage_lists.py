"""Storage's listings: folder by folder, or flat and in the order of time."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.supabase.storage_errors import invalid
from sandbox.supabase.storage_shelf import Stored

_COLUMNS = ("name", "updated_at", "created_at", "last_accessed_at")


def described(one: Stored, name: str | None = None) -> dict[str, Any]:
    """An object as lists and removals show it."""
    return {
        "name": one.name if name is None else name,
        "id": one.id,
        "updated_at": one.updated_at.isoformat(),
        "created_at": one.created_at.isoformat(),
        "last_accessed_at": one.created_at.isoformat(),
        "metadata": {
            "eTag": one.etag,
            "size": one.size,
            "mimetype": one.mimetype,
            "cacheControl": one.cache_control,
            "lastModified": one.updated_at.isoformat(),
            "contentLength": one.size,
            "httpStatusCode": 200,
        },
    }


def informed(one: Stored) -> dict[str, Any]:
    """An object as `info` tells it."""
    return {
        "id": one.id,
        "name": one.name,
        "version": one.version,
        "bucket_id": one.bucket,
        "size": one.size,
        "content_type": one.mimetype,
        "cache_control": one.cache_control,
        "etag": one.etag,
        "metadata": one.metadata,
        "last_modified": one.updated_at.isoformat(),
        "created_at": one.created_at.isoformat(),
    }


def folder(seen: Iterable[Stored], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One level below `prefix`: folders without an id, and objects."""
    prefix = str(asked.get("prefix", "")).strip("/")
    above = f"{prefix}/" if prefix else ""
    entries: dict[str, dict[str, Any]] = {}
    for one in seen:
        if not one.name.startswith(above):
            continue
        name, deeper, _ = one.name[len(above) :].partition("/")
        if asked.get("search") and str(asked["search"]) not in name:
            continue
        entries[name] = _folder(name) if deeper else described(one, name)
    column, descending = _order(asked.get("sortBy") or {})
    # Folders have no times; they stand before the objects whatever the column.
    rows = sorted(entries.values(), key=lambda row: (row["id"] is not None, row[column] or ""), reverse=descending)
    start = _whole(asked, "offset", 0, 0)
    return rows[start : start + _whole(asked, "limit", 100, 1)]


def flat(seen: Iterable[Stored], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Every object below `prefix`, page by page."""
    if asked.get("with_delimiter"):
        raise invalid("with_delimiter is not known here")
    column, descending = _order(asked.get("sortBy") or {})
    prefix, limit = str(asked.get("prefix", "")), _whole(asked, "limit", 1000, 1)
    found = [one for one in seen if one.name.startswith(prefix)]
    found.sort(key=lambda one: (str(getattr(one, column)), one.name), reverse=descending)
    start = _place(found, asked.get("cursor"))
    page = found[start : start + limit]
    more = len(found) > start + limit
    answer: dict[str, Any] = {
        "hasNext": more,
        "folders": [],
        "objects": [described(one) for one in page],
    }
    return answer | ({"nextCursor": base64.b64encode(page[-1].name.encode()).decode()} if more else {})


def _folder(name: str) -> dict[str, Any]:
    nothing = dict.fromkeys(("id", "updated_at", "created_at", "last_accessed_at", "metadata"))
    return {"name": name} | nothing


def _place(found: list[Stored], cursor: str | None) -> int:
    if not cursor:
        return 0
    name = base64.b64decode(cursor).decode()
    return next((number for number, one in enumerate(found, 1) if one.name == name), 0)


def _order(asked: Mapping[str, Any]) -> tuple[str, bool]:
    column, order = asked.get("column", "name"), asked.get("order", "asc")
    if column not in _COLUMNS or order not in ("asc", "desc"):
        raise invalid("body/sortBy must be equal to one of the allowed values")
    return str(column), order == "desc"


def _whole(asked: Mapping[str, Any], name: str, otherwise: int, least: int) -> int:
    value = asked.get(name, otherwise)
    if not isinstance(value, int) or value < least:
        raise invalid(f"body/{name} must be >= {least}")
    return value
