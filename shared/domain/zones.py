"""Time zone names: the ones that Python knows, and the new names of old ones."""

from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from babel.core import get_global

UTC_NAME = "UTC"


@cache
def names() -> frozenset[str]:
    """The names that Python knows, without the one for this machine's own zone. The database may know fewer."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}


def find(typed: str) -> str | None:
    """The zone name that a person typed, in any capitals and with blanks for underscores; None for other text."""
    return _by_folded().get("_".join(typed.split()).casefold())


def names_of(name: str) -> list[str]:
    """The names of this time zone, the best one first: its new name, the name itself, and its old names.

    Empty for a name that is no time zone's.
    """
    if name not in names():
        return []
    newest = _new_names().get(name, name)
    older = sorted(old for old, new in _new_names().items() if new == newest)
    return list(dict.fromkeys([newest, name, *older]))


def is_old(name: str) -> bool:
    """Whether the zone has a newer name."""
    return name in _new_names()


def zone(name: str) -> ZoneInfo:
    """The time zone of this name; UTC for a name that Python does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(UTC_NAME)


@cache
def _by_folded() -> dict[str, str]:
    return {name.casefold(): name for name in names()}


@cache
def _new_names() -> dict[str, str]:
    """The new name by the old one, of places only; a zone without a place, such as UTC, keeps its name."""
    aliases: dict[str, str] = dict(get_global("zone_aliases"))
    return {old: new for old, new in aliases.items() if "/" in old and not new.startswith("Etc/") and new in names()}
