"""The statements of `shared.store.followers.publish`, in the order in which a publication runs them.

Each one filters by user and profile. FOR_DIRECTION holds those that name the two columns of `people` of one list.
"""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql

from shared.domain.social import Direction

OF_DIRECTION = {
    Direction.FOLLOWER: {"follows": sql.Identifier("follows_me"), "follows_since": sql.Identifier("follows_me_since")},
    Direction.FOLLOWING: {"follows": sql.Identifier("i_follow"), "follows_since": sql.Identifier("i_follow_since")},
}

# Sorting a million people on disk would take longer than writing them. Right after a first list the planner has no
# statistics, takes a million people for one, and would compare each with each; hashing is always close to the best.
# Words of names wait in their index's pending list, found there all the same, until autovacuum files them in bulk.
SETTINGS: LiteralString = """
    set local work_mem = '64MB'; set local enable_nestloop = off; set local gin_pending_list_limit = '256MB'
"""
# The tables of people have no foreign keys; this lock keeps the profile from being deleted under them.
LOCK: LiteralString = (
    "select from public.profiles where id = %(profile_id)s and user_id = %(user_id)s for no key update"
)
BEFORE: LiteralString = """
    select max(observed_start) filter (where verdict = 'whole') as whole_start
    from public.list_runs
    where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s and state = 'PUBLISHED'
"""
OBSERVED_END: LiteralString = (
    "select observed_end from public.list_runs where user_id = %s and id = %s and state = 'WALKING'"
)

STAGED: LiteralString = """
    create temporary table staged (
        platform_id text collate "C", username text collate "C", full_name text, is_private boolean,
        is_verified boolean, page integer, place bigint,
        person_id bigint, follows boolean, old_username text, changed boolean
    ) on commit drop
"""
# The last page with a person has their present name; values that a page leaves out stay, and a name
# that is shown for the first time is no rename.
_STAGE: LiteralString = """
    insert into staged
    select s.platform_id, coalesce(nullif(s.username, ''), p.username, ''),
        coalesce(s.full_name, p.full_name), coalesce(s.is_private, p.is_private),
        coalesce(s.is_verified, p.is_verified), s.page, s.place, p.id, p.{follows}, p.username,
        p.username <> coalesce(nullif(s.username, ''), p.username)
            or p.full_name is distinct from coalesce(s.full_name, p.full_name)
            or p.is_private is distinct from coalesce(s.is_private, p.is_private)
            or p.is_verified is distinct from coalesce(s.is_verified, p.is_verified)
    from (
        select distinct on (u.platform_id collate "C") u.*, l.page
        from public.list_pages l, unnest(l.platform_ids, l.usernames, l.full_names, l.is_private, l.is_verified)
            with ordinality as u (platform_id, username, full_name, is_private, is_verified, place)
        where l.user_id = %(user_id)s and l.run_id = %(run)s
        order by u.platform_id collate "C", u.username = '', l.page desc, u.place desc
    ) s
    left join public.people p on p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
        and p.platform_id = s.platform_id collate "C"
"""
ANALYZE: LiteralString = "analyze staged"
DROP: LiteralString = "drop table staged"

RENAMED: LiteralString = """
    insert into public.person_names
        (user_id, profile_id, person_id, username, renamed_to, renamed_at, renamed_after, run_id)
    select %(user_id)s, %(profile_id)s, person_id, old_username, username, %(at)s,
        case when follows then %(after)s::timestamptz end, %(run)s
    from staged where old_username <> username and old_username <> ''
"""
UPDATED: LiteralString = """
    update public.people p set username = s.username, full_name = s.full_name, is_private = s.is_private,
        is_verified = s.is_verified, updated_at = %(at)s
    from staged s where s.changed and p.id = s.person_id
        and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
"""
SEEN_AGAIN: LiteralString = """
    update public.follow_spans f set missing_since = null, until_after = null
    from staged s where s.person_id = f.person_id and f.until is null and f.missing_since is not null
        and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s and f.direction = %(direction)s
"""
# The newest complete walk of another occasion: its counter, the nearer of the two that were read, and its gap. A void
# list says nothing, and neither does its gap.
FORMER: LiteralString = """
    select c.reported, c.reported - r.seen as gap from public.list_runs r, lateral (
        select reported from (values (r.reported_before), (r.reported_after)) counts (reported)
        where reported is not null order by abs(reported - r.seen) limit 1
    ) c
    where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s and state = 'PUBLISHED'
        and complete and verdict <> 'void' and observed_end <= %(former_by)s
    order by observed_end desc limit 1
"""
DIFFERENCES: LiteralString = """
    select count(*) filter (where s.person_id is not null and f.missing_since is not null) as seen_again,
        count(*) filter (where s.person_id is null and f.missing_since is null) as absent,
        (select count(distinct platform_id) from staged where follows is not true) as joined
    from public.follow_spans f
    left join (select distinct person_id from staged where person_id is not null) s on s.person_id = f.person_id
    where f.until is null and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s and f.direction = %(direction)s
"""
# A person without a name may be anyone known only from a data download: none of those is surely missing.
_IS_ABSENT: LiteralString = """not exists (select from staged s where s.person_id = p.id)
            and (p.platform_id is not null or not exists (select from staged n where n.username = ''))"""
# A missing person was last seen no earlier than the start of the last whole list or of their first run. A person
# who was in each whole list before is missed now.
_LOST: LiteralString = """
    with absent as (
        select p.id from public.people p
        where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows}
            and {is_absent}
    ), gone as (
        update public.follow_spans f set until = greatest(coalesce(f.missing_since, %(at)s), f.since),
            until_after = coalesce(f.until_after, greatest(%(after)s,
                (select r.observed_start from public.list_runs r where r.id = f.start_run))),
            until_known = 'between', missing_since = null, end_run = %(run)s
        from absent a
        where f.person_id = a.id and f.direction = %(direction)s and f.until is null
            and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s
            and coalesce(f.missing_since, %(at)s) <= %(missed_by)s
        returning f.person_id
    )
    update public.people p set {follows} = false, {follows_since} = null, updated_at = %(at)s
    from gone where p.id = gone.person_id and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
"""
_ABSENT: LiteralString = """
    select count(*) as held, count(*) filter (where s.person_id is null) as absent
    from public.people p
    left join (select distinct person_id from staged where person_id is not null) s on s.person_id = p.id
    where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows}
"""
_MISSING: LiteralString = """
    update public.follow_spans f set missing_since = %(at)s,
        until_after = greatest(%(after)s, (select r.observed_start from public.list_runs r where r.id = f.start_run))
    from public.people p
    where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows} and {is_absent}
        and f.person_id = p.id and f.direction = %(direction)s and f.until is null and f.missing_since is null
        and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s
"""
WAITING: LiteralString = """
    select count(*) from public.follow_spans where user_id = %(user_id)s and profile_id = %(profile_id)s
        and direction = %(direction)s and until is null and missing_since is not null
"""
# Written from the list's end to its top, so that a higher id stands nearer the top: the newest are listed first.
_JOINED: LiteralString = """
    with fresh as (
        insert into public.people (user_id, profile_id, platform_id, username, full_name, is_private, is_verified,
            {follows}, {follows_since}, first_seen_at, updated_at)
        select %(user_id)s, %(profile_id)s, platform_id, username, full_name, is_private, is_verified,
            true, %(at)s, %(at)s, %(at)s
        from staged where person_id is null order by page desc, place desc
        returning id
    ), known as (
        update public.people p set {follows} = true, {follows_since} = %(at)s, updated_at = %(at)s
        from staged s where s.person_id = p.id and not s.follows
            and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
        returning p.id
    ), opened as (
        insert into public.follow_spans
            (user_id, profile_id, person_id, direction, since, since_after, since_known, returned, start_run)
        select %(user_id)s, %(profile_id)s, j.id, %(direction)s, %(at)s, %(after)s,
            case when %(after)s::timestamptz is null then 'before' else 'between' end, j.returned, %(run)s
        from (
            select id, false as returned from fresh
            union all
            select id, exists (
                select from public.follow_spans f
                where f.person_id = known.id and f.direction = %(direction)s and f.until is not null
            ) from known
        ) j
        returning returned
    )
    select count(*) as joined, count(*) filter (where returned) as returned from opened
"""

FINISH: LiteralString = """
    update public.list_runs set state = 'PUBLISHED', ended_at = clock_timestamp(), verdict = %(verdict)s,
        reason = %(reason)s, exact = %(exact)s, reported_before = %(reported_before)s,
        reported_after = %(reported_after)s, seen = %(seen)s, gained = %(gained)s, lost = %(lost)s,
        returned = %(returned)s, renamed = %(renamed)s, missing = %(missing)s, passes = %(passes)s,
        complete = %(complete)s
    where id = %(run)s and user_id = %(user_id)s and state = 'WALKING'
"""
CLEAR: LiteralString = "delete from public.list_pages where user_id = %(user_id)s and run_id = %(run)s"
BOTH_WHOLE: LiteralString = """
    select count(*) filter (where verdict = 'whole') = 2 from (
        select distinct on (direction) verdict from public.list_runs
        where user_id = %(user_id)s and profile_id = %(profile_id)s and state = 'PUBLISHED'
        order by direction, ended_at desc
    ) newest
"""
COUNT: LiteralString = """
    select count(*) filter (where follows_me and i_follow) as mutual, count(*) filter (where not i_follow) as fans,
        count(*) filter (where not follows_me) as not_following_back
    from public.people
    where user_id = %(user_id)s and profile_id = %(profile_id)s and (follows_me or i_follow)
"""
PROFILE: LiteralString = """
    update public.profiles set observed_at = greatest(observed_at, %(at)s), updated_at = now(),
        mutual_count = %(mutual)s, fan_count = %(fans)s, not_following_back_count = %(not_following_back)s
    where id = %(profile_id)s and user_id = %(user_id)s
"""
PEOPLE_ON: LiteralString = """
    select count(*) from public.follow_spans
    where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s
        and since <= %(at)s and (until is null or until > %(at)s)
"""


def _for_direction(direction: Direction) -> dict[str, sql.Composed]:
    of: dict[str, sql.Composable] = {**OF_DIRECTION[direction], "is_absent": sql.SQL(_IS_ABSENT)}
    parts: dict[str, LiteralString] = {
        "stage": _STAGE,
        "absent": _ABSENT,
        "lost": _LOST,
        "missing": _MISSING,
        "joined": _JOINED,
    }
    return {name: sql.SQL(text).format(**of) for name, text in parts.items()}


FOR_DIRECTION = {direction: _for_direction(direction) for direction in Direction}
