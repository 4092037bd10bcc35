"""Reads how much of Meta's limits is used, which each answer says in its headers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

_SHARES = ("call_count", "total_time", "total_cputime")
_SPENT, _LOW = 100, 90
# Where no time is named: the app's limit is one of a rolling hour.
_USUAL = timedelta(hours=1)
_LONGEST = timedelta(days=1)


def free_at(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The time from which on calls are taken again; None where the limits leave room.

    The account's header names minutes; a share of 100 % without minutes is waited for an hour.
    """
    every = _entries(headers)
    minutes = max((_number(one, "estimated_time_to_regain_access") for one in every), default=0)
    if minutes > 0:
        return now + min(timedelta(minutes=minutes), _LONGEST)
    return now + _USUAL if _share(every) >= _SPENT else None


def low_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The time until which the rest of a limit is kept for people, from 90 % on; None where there is more."""
    return now + _USUAL if _share(_entries(headers)) >= _LOW else None


def _entries(headers: Mapping[str, str]) -> list[Mapping[str, object]]:
    accounts = _of_accounts(headers.get("x-business-use-case-usage", ""))
    return [*accounts, _object(headers.get("x-app-usage", ""))]


def _share(every: Sequence[Mapping[str, object]]) -> float:
    """The largest share of a limit that is used, in percent."""
    return max((_number(one, name) for one in every for name in _SHARES), default=0)


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
