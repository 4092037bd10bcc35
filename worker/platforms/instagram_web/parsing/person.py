"""Parses one person as a row of any list. Pure: JSON in, a value of the domain out."""

from __future__ import annotations

from shared.domain.input.text import clean_line
from shared.domain.social import Person
from worker.platforms.instagram_web.parsing.json_node import Node


def person(row: Node) -> Person:
    """The person of the row; without a username in it, the name is empty, which means not known.

    Raises UnexpectedAnswer naming the path when there is no id.
    """
    return Person(
        platform_id=row.need_id("pk_id", "pk", "id"),
        username=clean_line(row.text("username") or ""),
        full_name=row.text("full_name"),
        is_private=row.flag("is_private"),
        is_verified=row.flag("is_verified"),
    )
