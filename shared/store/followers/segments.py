"""The SQL of each list of people: sources, conditions and keys for `shared.store.followers.listing`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import LiteralString


class Kind(StrEnum):
    """The classes of people that a page shows."""

    ALL = "all"
    NEW = "new"
    LOST = "lost"
    NOT_FOLLOWING_BACK = "not-following-back"
    FANS = "fans"
    MUTUAL = "mutual"
    RENAMED = "renamed"
    GHOSTS = "ghosts"


# Lists of events, which lie in a period; the others show the present.
PERIODIC = frozenset({Kind.NEW, Kind.LOST, Kind.RENAMED})


@dataclass(frozen=True, slots=True)
class Base:
    """A list: rows of `source` that meet `where`, dated by `at`, told apart by `row_id`.

    `by_name` is the same list found from the people's side, for walking it in the order of usernames; None where
    `source` is already that. `counted` is enough of `source` to count the list without a filter, or `count` is a
    statement that counts it (its number, and how many of them are back). `small` says that sorting the whole list is
    cheaper than walking. `stay` and `name` join a page's rows to what they show.
    """

    source: LiteralString
    where: LiteralString
    at: LiteralString
    row_id: LiteralString
    stay: LiteralString
    name: LiteralString = "false"
    by_name: LiteralString | None = None
    counted: LiteralString | None = None
    count: LiteralString | None = None
    small: bool = False


_PEOPLE: LiteralString = "public.people p"
_SPANS: LiteralString = "public.stays s join public.people p on p.id = s.person_id"
_FOLLOWS: LiteralString = "s.person_id = page.person_id and s.direction = 'follower' and s.until is null"
_FOLLOWED: LiteralString = "s.person_id = page.person_id and s.direction = 'following' and s.until is null"
# A period without a beginning reaches back to the beginning of all.
_SINCE: LiteralString = "coalesce(%(start)s::timestamptz, '-infinity')"
# The people of the first whole list were there before it, so they are not new, even if a data download dates
# them: people who had come and left by then are unknown, so counting these would show growth that was none.
NEW: LiteralString = """s.profile_id = %(profile)s and s.direction = 'follower' and s.since_known <> 'before'
    and s.since <= %(end)s and s.since >= coalesce(%(start)s::timestamptz, '-infinity')
    and s.since > coalesce((select min(observed_end) from public.list_runs
        where profile_id = %(profile)s and direction = 'follower' and verdict = 'whole'), '-infinity')"""
# Every stay that ended, so that gained less lost is the net change; returned people are in it, and marked.
LEFT: LiteralString = """s.profile_id = %(profile)s and s.direction = 'follower'
    and s.until <= %(end)s and s.until >= coalesce(%(start)s::timestamptz, '-infinity')"""
IS_BACK: LiteralString = """exists (select from public.stays o
    where o.person_id = s.person_id and o.direction = 'follower' and o.until is null)"""
_COUNT_LEFT: LiteralString = f"""
    with ended as materialized (
        select s.person_id from public.stays s where {LEFT} order by s.until desc limit %(limit)s
    )
    select (select count(*) from ended) as number, (select count(*) from ended s where {IS_BACK}) as back
"""  # noqa: S608
# The page is about followers; renamed people who are only followed are left out.
_RENAMED: LiteralString = f"""n.profile_id = %(profile)s and n.renamed_at <= %(end)s and n.renamed_at >= {_SINCE}
    and p.follows_me"""
# People in any list of likers or viewers are no ghosts, and neither are people without an id to find them by.
_GHOSTS: LiteralString = """p.profile_id = %(profile)s and p.follows_me and p.follows_me_since <= %(followed_before)s
    and p.platform_id is not null and not exists (
        select from public.media_people a where a.profile_id = %(profile)s and a.platform_id = p.platform_id
            and a.media_id = any(%(engagers)s)
    )"""

BASES = {
    Kind.ALL: Base(_PEOPLE, "p.profile_id = %(profile)s and p.follows_me", "p.follows_me_since", "p.id", _FOLLOWS),
    Kind.FANS: Base(
        _PEOPLE,
        "p.profile_id = %(profile)s and p.follows_me and not p.i_follow",
        "p.follows_me_since",
        "p.id",
        _FOLLOWS,
    ),
    Kind.MUTUAL: Base(
        _PEOPLE,
        "p.profile_id = %(profile)s and p.follows_me and p.i_follow",
        "p.follows_me_since",
        "p.id",
        _FOLLOWS,
        small=True,
    ),
    Kind.NOT_FOLLOWING_BACK: Base(
        _PEOPLE,
        "p.profile_id = %(profile)s and p.i_follow and not p.follows_me",
        "p.i_follow_since",
        "p.id",
        _FOLLOWED,
        small=True,
    ),
    Kind.NEW: Base(
        _SPANS,
        NEW,
        "s.since",
        "s.id",
        "s.id = page.row_id",
        by_name="""(select * from public.people where profile_id = %(profile)s) p cross join lateral (
            select * from public.stays o
            where o.person_id = p.id and o.direction = 'follower' and o.until is null
            union all
            select * from public.stays e
            where e.person_id = p.id and e.direction = 'follower' and e.until is not null
            offset 0
        ) s""",
        counted="public.stays s",
    ),
    Kind.LOST: Base(
        _SPANS,
        LEFT,
        "s.until",
        "s.id",
        "s.id = page.row_id",
        by_name="""(select * from public.people where profile_id = %(profile)s) p cross join lateral (
            select * from public.stays e
            where e.person_id = p.id and e.direction = 'follower' and e.until is not null
            offset 0
        ) s""",
        count=_COUNT_LEFT,
    ),
    Kind.RENAMED: Base(
        "public.person_names n join public.people p on p.id = n.person_id",
        _RENAMED,
        "n.renamed_at",
        "n.id",
        _FOLLOWS,
        "n.id = page.row_id",
        by_name="""(select * from public.people where profile_id = %(profile)s) p cross join lateral (
            select * from public.person_names m where m.person_id = p.id offset 0
        ) n""",
    ),
    Kind.GHOSTS: Base(_PEOPLE, _GHOSTS, "p.follows_me_since", "p.id", _FOLLOWS),
}
