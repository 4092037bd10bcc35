"""Reads how much of Meta's limits is used, which each answer says in its headers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

_SHARES = ("call_count", "total_time", "total_cputime")
_SPENT = 100
# Where no time is named: the app's limit is one of a rolling hour.
_USUAL = timedelta(hours=1)
_LONGEST = timedelta(days=1)


def free_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The time from which on calls are taken again; None where the limits leave room.

    The account's header names minutes; a share of 100 % without minutes is waited for an hour.
    """
    every = [*_of_accounts(headers.get("x-business-use-case-usage", "")), _object(headers.get("x-app-usage", ""))]
    minutes = max((_number(one, "estimated_time_to_regain_access") for one in every), default=0)
    if minutes > 0:
        return now + min(timedelta(minutes=minutes), _LONGEST)
    spent = any(_number(one, name) >= _SPENT for one in every for name in _SHARES)
    return now + _USUAL if spent else None


def _of_accounts(text: str) -> Iterator[Mapping[str, object]]:
    for entries in _object(text).values():
        yield from (one for one in (entries if isinstance(entries, list) else ()) if isinstance(one, dict))


def _object(text: str) -> Mapping[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _number(entry: Mapping[str, object], name: str) -> float:
    value = entry.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
