"""Finds people by the beginning of their username or of words of their name, through indexes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import scalar_row

from shared.db.pools import WebConnection

# More matches than this are not fetched by id; the list is walked in its own order then, where matches are frequent.
FEW = 2_000
_LONGEST = 80
_WORD = re.compile(r"\w+")
_LAST = chr(0x10FFFF)
_MATCHING: LiteralString = "select rollcall.people_matching(%(profile)s, %(low)s, %(high)s, %(words)s, %(most)s)"


@dataclass(frozen=True, slots=True)
class Search:
    """`text` as it was typed; usernames lie in [low, high), `words` is a text-search query of word beginnings."""

    text: str
    low: str
    high: str
    words: str


def search(text: str | None) -> Search | None:
    """The search for a text; None without any. A leading @ is how people write usernames, and is no part of one."""
    typed = " ".join((text or "").replace("\x00", "").split())[:_LONGEST]
    beginning = typed.removeprefix("@").lower()
    if not beginning:
        return None
    words = " & ".join(f"'{word}':*" for word in _WORD.findall(beginning))
    return Search(typed, beginning, beginning + _LAST, words)


@dataclass(frozen=True, slots=True)
class Found:
    """The search, and the ids of all matches, in no order; `ids` None: there are more than FEW."""

    search: Search
    ids: list[int] | None


def find(conn: WebConnection, profile_id: UUID, wanted: Search) -> Found:
    """Searches all people who are or were in a list of this profile."""
    given = {"profile": profile_id, "low": wanted.low, "high": wanted.high, "words": wanted.words, "most": FEW + 1}
    with conn.cursor(row_factory=scalar_row) as cursor:
        ids: list[int] = cursor.execute(_MATCHING, given).fetchall()
    return Found(wanted, ids if len(ids) <= FEW else None)
