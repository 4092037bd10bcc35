"""One person as a row of any list. Pure: JSON in, a value of the domain out."""

from __future__ import annotations

from shared.domain.social import Person
from worker.platforms.instagram_web.node import Node


def person(row: Node) -> Person:
    """Who stands in the row. Raises UnexpectedAnswer naming the path when there is no id or no name."""
    return Person(
        platform_id=row.need_id("pk_id", "pk", "id"),
        username=row.need_text("username"),
        full_name=row.text("full_name"),
        is_private=row.flag("is_private"),
        is_verified=row.flag("is_verified"),
    )
