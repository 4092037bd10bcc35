"""Reads the follower lists page by page. For the web, in tenant transactions; row-level security names the user.

A list is walked along an index and read by key, so no page costs more than the first, however long the list is. Where
no index has the requested order, a short list is sorted and a long one is found from the people's side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from shared.db.pools import WebConnection
from shared.domain.paging import Cursor, Page, cut
from shared.domain.periods import Period
from shared.store.followers.inactive import Scope
from shared.store.followers.search import Found
from shared.store.followers.segments import BASES, Base, Kind

# A page counts three lists of events; at 3 000 each that stays within its tenth of a second at a million followers.
COUNTED_UP_TO = 3_000
# A filtered list has to be read row by row.
NARROWED_UP_TO = 1_000
_SORTED_UP_TO = 5_000


class Sort(StrEnum):
    NEWEST = "newest"
    USERNAME = "username"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The list, its order and its filter. `period` is for the lists of events only, `private` None is both.

    `ghosts` holds the engagers that decide about ghosts; without it there are none.
    """

    kind: Kind
    period: Period
    sort: Sort = Sort.NEWEST
    search: Found | None = None
    verified: bool = False
    private: bool | None = None
    ghosts: Scope | None = None

    @property
    def narrowed(self) -> bool:
        """Whether a filter besides the kind and the period leaves people out."""
        return self.search is not None or self.verified or self.private is not None


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One row: `at` orders it (the time of coming, leaving or renaming), `row_id` tells equal moments apart.

    `since…` and `until…` describe the stay that the list is about; each event lies after `…_after` where that is known.
    An empty `username` means that the platform has not shown it. `why` is the result of a look-up of a lost person,
    None before it; `name_taken`: another person has this name now.
    `by_name`: no reading brought their id, so that another name looks like leaving.
    `came_back`: the start of the same person's next stay, None without one.
    The last four are set in the list of renamed people only; `guessed`: two data downloads gave both names the same
    date.
    """

    row_id: int
    at: datetime
    platform_id: str | None
    username: str
    full_name: str | None
    is_private: bool | None
    is_verified: bool | None
    follows_me: bool
    i_follow: bool
    since: datetime | None
    since_after: datetime | None
    since_known: str | None
    until: datetime | None
    until_after: datetime | None
    until_known: str | None
    returned: bool | None
    came_back: datetime | None
    why: str | None
    name_taken: bool
    by_name: bool
    old_username: str | None
    new_username: str | None
    renamed_after: datetime | None
    guessed: bool | None


@dataclass(frozen=True, slots=True)
class Counted:
    """The number of matches: `number`, or `more` than it. `number` None: too many to count while a person waits.

    `back`: the number of lost people who follow again; 0 for every other list.
    """

    number: int | None
    more: bool = False
    back: int = 0


_PAGE = sql.SQL("""
    with {matches} page as materialized (select * from {source} where {where} order by {order} limit %(limit)s)
    select page.row_id, page.at, page.platform_id, page.username, page.full_name, page.is_private, page.is_verified,
        page.follows_me, page.i_follow, s.since, s.since_after, s.since_known, s.until, s.until_after, s.until_known,
        s.returned,
        (select min(b.since) from public.stays b where b.person_id = s.person_id and b.direction = s.direction
            and b.returned and b.since >= s.until and b.id <> s.id) as came_back,
        s.why, page.username <> '' and not page.follows_me and not page.i_follow and exists (
            select from public.people o where o.profile_id = %(profile)s and o.username = page.username
                and o.id <> page.person_id and (o.follows_me or o.i_follow)
        ) as name_taken,
        page.by_name, n.username as old_username, n.renamed_to as new_username, n.renamed_after, n.guessed
    from page left join public.stays s on {stay} left join public.person_names n on {name}
    order by {order}
""")
_MATCHES = sql.SQL(
    "(select {row_id} as row_id, {at} as at, p.id as person_id, p.platform_id, p.username, p.full_name, p.is_private,"
    " p.is_verified, p.follows_me, p.i_follow, p.platform_id is null as by_name from {source} where {where})"
)
# In the order of its index, which alone answers then; the table's own rows would be all over the disk.
_COUNT = sql.SQL(
    "select count(*) as number, count(*) filter (where is_back) as back"
    " from (select {back} as is_back from {source} where {where} order by {at} desc limit %(limit)s) counted"
)
_BROAD = sql.SQL(
    "((p.username >= %(low)s and p.username < %(high)s)"
    " or to_tsvector('simple', p.full_name) @@ to_tsquery('simple', %(words)s))"
)


def page(
    conn: WebConnection, profile_id: UUID, wanted: Wanted, *, size: int, cursor: Cursor | None
) -> Page[ListedPerson]:
    """One page of up to `size` people; raises ValueError for a cursor of a list in another order."""
    base = BASES[wanted.kind]
    where, given = _where(profile_id, wanted)
    whole_list, sort_all = _source(conn, profile_id, wanted, base)
    matches = _MATCHES.format(row_id=sql.SQL(base.row_id), at=sql.SQL(base.at), source=sql.SQL(whole_list), where=where)
    after, order, keys = _keyset(wanted.sort, cursor)
    statement = _PAGE.format(
        matches=sql.SQL("matches as materialized {},").format(matches) if sort_all else sql.SQL(""),
        source=sql.SQL("matches page" if sort_all else "{} page").format(*(() if sort_all else (matches,))),
        where=after,
        order=order,
        stay=sql.SQL(base.stay),
        name=sql.SQL(base.name),
    )
    with conn.cursor(row_factory=class_row(ListedPerson)) as rows:
        found = rows.execute(statement, {**given, **keys, "limit": size + 1}).fetchall()
    return cut(found, size, cursor, lambda person: _key_of(person, wanted.sort))


def count(conn: WebConnection, profile_id: UUID, wanted: Wanted) -> Counted:
    """The number of matches, exactly up to COUNTED_UP_TO, or NARROWED_UP_TO where an index alone is not enough."""
    return _counted(conn, profile_id, wanted, NARROWED_UP_TO if wanted.narrowed or _by_row(wanted) else COUNTED_UP_TO)


def _by_row(wanted: Wanted) -> bool:
    """Whether an index alone cannot say who is in the list."""
    return wanted.kind in (Kind.RENAMED, Kind.GHOSTS)


def _counted(conn: WebConnection, profile_id: UUID, wanted: Wanted, most: int) -> Counted:
    base = BASES[wanted.kind]
    where, given = _where(profile_id, wanted)
    if "low" in given:
        return Counted(None)
    if wanted.narrowed or base.count is None:
        source = base.source if wanted.narrowed or base.counted is None else base.counted
        back = "p.follows_me" if wanted.kind is Kind.LOST else "false"
        statement: sql.SQL | sql.Composed = _COUNT.format(
            source=sql.SQL(source), where=where, at=sql.SQL(base.at), back=sql.SQL(back)
        )
    else:
        statement = sql.SQL(base.count)
    row = conn.execute(statement, {**given, "limit": most + 1}).fetchone()
    if row is None:
        raise LookupError("an aggregate returned no row")
    return Counted(min(row["number"], most), row["number"] > most, row["back"])


def _where(profile_id: UUID, wanted: Wanted) -> tuple[sql.Composable, dict[str, Any]]:
    base = BASES[wanted.kind]
    parts: list[sql.Composable] = [sql.SQL(base.where)]
    given: dict[str, Any] = {"profile": profile_id, "start": wanted.period.start, "end": wanted.period.end}
    scope = wanted.ghosts
    given |= {"followed_before": scope and scope.followed_before, "engagers": list(scope.media_ids) if scope else []}
    if wanted.verified:
        parts.append(sql.SQL("p.is_verified"))
    if wanted.private is not None:
        parts.append(sql.SQL("p.is_private" if wanted.private else "not p.is_private"))
    if wanted.search is not None:
        narrowing, more = _narrowing(wanted.search)
        parts.append(narrowing)
        given |= more
    return sql.SQL(" and ").join(parts), given


def _narrowing(found: Found) -> tuple[sql.Composable, dict[str, Any]]:
    """The condition of a search: a few people by id; many are frequent in any order, so walking the list meets them."""
    if found.ids is not None:
        return sql.SQL("p.id = any(%(ids)s)"), {"ids": found.ids}
    return _BROAD, {"low": found.search.low, "high": found.search.high, "words": found.search.words}


def _source(conn: WebConnection, profile_id: UUID, wanted: Wanted, base: Base) -> tuple[LiteralString, bool]:
    """The source of the rows, and whether the whole list is built and sorted instead of walked."""
    if wanted.sort is Sort.NEWEST or (base.by_name is None and not base.small):
        return base.source, False
    if base.by_name is None:
        return base.source, True
    whole = replace(wanted, search=None, verified=False, private=None)
    many = _counted(conn, profile_id, whole, _SORTED_UP_TO).more
    return (base.by_name, False) if many else (base.source, True)


def _keyset(sort: Sort, cursor: Cursor | None) -> tuple[sql.Composable, sql.Composable, dict[str, Any]]:
    """The condition that begins a page at its cursor, the order, and the values of both."""
    key = sql.SQL("page.at" if sort is Sort.NEWEST else "page.username")
    descending = (sort is Sort.NEWEST) != (cursor is not None and cursor.up)
    order = sql.SQL("{key} {way}, page.row_id {way}").format(key=key, way=sql.SQL("desc" if descending else "asc"))
    if cursor is None:
        return sql.SQL("true"), order, {}
    beyond = sql.SQL("<" if descending else ">")
    after = sql.SQL("({}, page.row_id) {} (%(key)s, %(row_id)s)").format(key, beyond)
    return after, order, {"key": _parsed(sort, cursor.key), "row_id": cursor.row_id}


def _parsed(sort: Sort, key: str) -> datetime | str:
    if sort is Sort.USERNAME:
        return key
    moment = datetime.fromisoformat(key)
    if moment.tzinfo is None:
        raise ValueError("a moment without its zone")
    return moment


def _key_of(person: ListedPerson, sort: Sort) -> tuple[str, int]:
    return (person.at.isoformat() if sort is Sort.NEWEST else person.username), person.row_id
