"""Reads Instagram's JSON and tracks the path, so that a missing field is named and an unknown one never matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.input.text import clean, clean_line
from shared.domain.social import PlatformId
from shared.errors import UnexpectedAnswer

_NEWEST_SECOND = 4_102_444_800
_LARGEST_COUNT = 2**63
_LARGEST_ID = 2**64
# Some answers write this before a key (docs/platforms/instagram.md, IG-7.10).
_KEY_PREFIX = "1l"


def missing(path: str) -> UnexpectedAnswer:
    """The error for a required field that is missing; the path holds names and places, never values."""
    return UnexpectedAnswer(f"Instagram's answer lacks `{path}`.")


def root_of(body: object) -> Node:
    """The whole answer; raises UnexpectedAnswer for what is no JSON object."""
    if not isinstance(body, dict):
        raise UnexpectedAnswer("Instagram's answer is not a JSON object.")
    return Node(body)


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON object and its path. Every getter returns None for an absent or null value and for another type."""

    fields: dict[str, object]
    path: str = ""

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def value(self, key: str) -> object:
        """The value of a key, else of its prefixed form; None for neither."""
        plain = self.fields.get(key)
        return self.fields.get(_KEY_PREFIX + key) if plain is None else plain

    def child(self, key: str) -> Node | None:
        value = self.value(key)
        return Node(value, self.at(key)) if isinstance(value, dict) else None

    def children(self, key: str) -> Iterator[Node]:
        """The objects of a list, in order; nothing where there is no list."""
        value = self.value(key)
        for place, item in enumerate(value if isinstance(value, list) else ()):
            if isinstance(item, dict):
                yield Node(item, f"{self.at(key)}[{place}]")

    def has_list(self, key: str) -> bool:
        return isinstance(self.value(key), list)

    def text(self, *keys: str) -> str | None:
        """The first of these that is a non-empty string."""
        for key in keys:
            value = self.value(key)
            if isinstance(value, str) and value:
                return clean(value)
        return None

    def flag(self, *keys: str) -> bool | None:
        for key in keys:
            value = self.value(key)
            if isinstance(value, bool):
                return value
        return None

    def count(self, *keys: str) -> int | None:
        """The first of these that is a whole number from 0 on; -1 is the platform's sign for a hidden count."""
        for key in keys:
            value = self.value(key)
            if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_COUNT:
                return value
        return None

    def number(self, key: str) -> float | None:
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LARGEST_COUNT:
            return None
        return float(value)

    def id(self, *keys: str) -> PlatformId | None:
        """An id as text; the platform writes the same ids as numbers and as strings."""
        for key in keys:
            value = self.value(key)
            if isinstance(value, str) and value:
                return PlatformId(clean_line(value))
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_ID:
                return PlatformId(str(value))
        return None

    def moment(self, *keys: str) -> datetime | None:
        """Seconds since 1970 as an aware time; None for impossible values."""
        for key in keys:
            value = self.number(key)
            if value is not None and 0 < value < _NEWEST_SECOND:
                return datetime.fromtimestamp(value, UTC)
        return None

    def need_text(self, key: str) -> str:
        """A name: one line of text; raises UnexpectedAnswer where there is none."""
        value = clean_line(self.text(key) or "")
        if not value:
            raise missing(self.at(key))
        return value

    def need_id(self, *keys: str) -> PlatformId:
        value = self.id(*keys)
        if value is None:
            raise missing(self.at(keys[0]))
        return value


def nodes_of(connection: Node) -> Iterator[Node]:
    """The nodes of a GraphQL connection's edges."""
    for edge in connection.children("edges"):
        node = edge.child("node")
        if node is not None:
            yield node


def end_cursor(connection: Node) -> str | None:
    """The next cursor of a GraphQL connection; None at its end."""
    info = connection.child("page_info")
    if info is None or info.flag("has_next_page") is False:
        return None
    return info.text("end_cursor")


def cursor(value: object) -> str | None:
    """A REST cursor, which comes as text or as a number; None at the end, for which 0 stands, too."""
    if isinstance(value, str):
        return value if value not in ("", "0") else None
    known = isinstance(value, int) and not isinstance(value, bool) and 0 < abs(value) < _LARGEST_ID
    return str(value) if known else None
