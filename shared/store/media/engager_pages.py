"""Reads one medium and its viewers or likers, page by page. For the web, in tenant transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.domain.engagers import Engagers, Role
from shared.domain.paging import Cursor, Page, cut

_MEDIUM: LiteralString = """
    select m.id, m.kind, m.permalink, m.caption, m.posted_at, m.expires_at, m.views, m.likes, a.known, a.total,
        a.observed_at
    from public.media m left join public.media_engagers a on a.media_id = m.id and a.role = %(role)s
    where m.profile_id = %(profile)s and m.id = %(id)s
"""
_PAGE = sql.SQL("""
    select p.id, p.platform_id, p.username, p.full_name, p.has_liked, p.first_seen_at, f.follows_me
    from public.media_people p
    left join public.people f on f.profile_id = p.profile_id and f.platform_id = p.platform_id
    where p.media_id = %(media)s and p.role = %(role)s and {after}
    order by p.first_seen_at {way}, p.id {way} limit %(limit)s
""")


@dataclass(frozen=True, slots=True)
class MediumRow:
    """One medium and the number of its known viewers or likers; `observed_at` None: they were never read whole."""

    id: int
    kind: str
    permalink: str | None
    caption: str | None
    posted_at: datetime | None
    expires_at: datetime | None
    views: int | None
    likes: int | None
    known: int | None
    total: int | None
    observed_at: datetime | None

    @property
    def engagers(self) -> Engagers | None:
        """The state of the engagers; None where it was not read to its end."""
        return None if self.known is None else Engagers(self.known, self.total)


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """A viewer or liker; `follows_me` None: they are in neither list, `username` empty: not shown."""

    id: int
    platform_id: str
    username: str
    full_name: str | None
    has_liked: bool | None
    first_seen_at: datetime
    follows_me: bool | None


def medium(conn: WebConnection, profile_id: UUID, media_id: int, role: Role) -> MediumRow | None:
    """The profile's medium; None where there is none."""
    with conn.cursor(row_factory=class_row(MediumRow)) as cursor:
        return cursor.execute(_MEDIUM, {"profile": profile_id, "id": media_id, "role": role}).fetchone()


def page(conn: WebConnection, media_id: int, role: Role, *, size: int, cursor: Cursor | None) -> Page[SeenPerson]:
    """One page of up to `size` people, last seen first; raises ValueError for a cursor that no page gave."""
    up = cursor is not None and cursor.up
    given: dict[str, object] = {"media": media_id, "role": role, "limit": size + 1}
    after: sql.Composable = sql.SQL("true")
    if cursor is not None:
        moment = datetime.fromisoformat(cursor.key)
        if moment.tzinfo is None:
            raise ValueError("a moment without its zone")
        after = sql.SQL("(p.first_seen_at, p.id) {} (%(key)s, %(id)s)").format(sql.SQL(">" if up else "<"))
        given |= {"key": moment, "id": cursor.row_id}
    statement = _PAGE.format(after=after, way=sql.SQL("asc" if up else "desc"))
    with conn.cursor(row_factory=class_row(SeenPerson)) as rows:
        found = rows.execute(statement, given).fetchall()
    return cut(found, size, cursor, lambda who: (who.first_seen_at.isoformat(), who.id))
