"""Erases one person of a platform from the lists of all users, for an operator whom that person asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

import psycopg

from shared.db.pools import Row
from shared.db.statements import statements

Connection = psycopg.Connection[Row]

with statements(__file__) as named:
    _FIND = named("find")
    _PEOPLE = named("people")
    _ENGAGERS = named("engagers")
    _PAGES = named("pages")
    _MEDIA = named("media")
    _STAGED = named("staged")

_SPANS: LiteralString = "delete from public.stays s using person_to_erase e where s.person_id = e.person_id"
_NAMES: LiteralString = "delete from public.person_names n using person_to_erase e where n.person_id = e.person_id"


def erase(conn: Connection, platform: str, platform_id: str) -> Mapping[str, int]:
    """Erases the person from every user's lists in one transaction and returns the number of touched rows per table.

    `conn` sees every user's rows and is outside a transaction.
    """
    given = {"platform": platform, "id": platform_id}
    with conn.transaction():
        conn.execute(_FIND, given)
        return {
            "media": conn.execute(_MEDIA, given).rowcount,
            "media_staged": conn.execute(_STAGED, given).rowcount,
            "list_pages": conn.execute(_PAGES, given).rowcount,
            "stays": conn.execute(_SPANS, given).rowcount,
            "person_names": conn.execute(_NAMES, given).rowcount,
            "people": _counted(conn, _PEOPLE, given),
            "media_people": _counted(conn, _ENGAGERS, given),
        }


def _counted(conn: Connection, statement: LiteralString, given: Mapping[str, str]) -> int:
    row = conn.execute(statement, given).fetchone()
    return 0 if row is None else int(row["n"])
