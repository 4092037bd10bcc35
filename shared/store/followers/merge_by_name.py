"""Merges people known only from a data download with the same people met later by their platform id.

Runs while a walk is published, after its pages were matched by id and before anyone counts as missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString

from psycopg import sql

from shared.db.pools import WorkerConnection
from shared.domain.social import Direction
from shared.store.followers.publication import OF_DIRECTION

_IMPORTED: LiteralString = """
    select exists (
        select from public.list_runs
        where user_id = %(user_id)s and profile_id = %(profile_id)s and source = 'data_download'
    ) as any
"""
# A person new by id who has the name of a data download's person.
_ADOPT: LiteralString = """
    with adopted as (
        update public.people p set platform_id = s.platform_id, updated_at = %(at)s
        from staged s where s.person_id is null and p.platform_id is null and p.username = s.username
            and s.username <> '' and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
        returning p.id, p.platform_id, p.{follows} as follows, p.username
    )
    update staged s set person_id = a.id, follows = a.follows, old_username = a.username, changed = true
    from adopted a where a.platform_id = s.platform_id
"""
# A person known by id who took the name in the data download before that was made.
_PAIRS: LiteralString = """
    create temporary table adopted on commit drop as
    select distinct on (p.id) s.person_id as kept, p.id as gone
    from staged s join public.people p on p.username = s.username and p.platform_id is null and p.id <> s.person_id
    where s.person_id is not null and s.username <> '' and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
    order by p.id
"""
_DATED: LiteralString = """
    update public.stays k set since = g.since, since_after = null, since_known = 'exact'
    from adopted a join public.stays g on g.person_id = a.gone and g.until is null and g.since_known = 'exact'
    where k.person_id = a.kept and k.direction = g.direction and k.until is null and k.since_known <> 'exact'
        and g.since <= k.since and g.since >= coalesce(k.since_after, '-infinity') and k.user_id = %(user_id)s
"""
_DOUBLE: LiteralString = """
    delete from public.stays g using adopted a, public.stays k
    where g.person_id = a.gone and g.until is null and k.person_id = a.kept and k.until is null
        and k.direction = g.direction and g.user_id = %(user_id)s
"""
_MOVED: LiteralString = """
    update public.stays f set person_id = a.kept from adopted a where f.person_id = a.gone
        and f.user_id = %(user_id)s
"""
_NAMES: LiteralString = """
    update public.person_names n set person_id = a.kept from adopted a where n.person_id = a.gone
        and n.user_id = %(user_id)s
"""
_FLAGS: LiteralString = """
    update public.people p set updated_at = %(at)s,
        follows_me = f.since is not null, follows_me_since = f.since,
        i_follow = i.since is not null, i_follow_since = i.since
    from adopted a
    left join public.stays f on f.person_id = a.kept and f.direction = 'follower' and f.until is null
    left join public.stays i on i.person_id = a.kept and i.direction = 'following' and i.until is null
    where p.id = a.kept and p.user_id = %(user_id)s
"""
_GONE: LiteralString = "delete from public.people p using adopted a where p.id = a.gone and p.user_id = %(user_id)s"
_STAGED: LiteralString = """
    update staged s set follows = p.{follows} from public.people p, adopted a
    where p.id = a.kept and s.person_id = a.kept
"""
_DROP: LiteralString = "drop table adopted"
# People who no longer had the name under which a data download would list them.
_HERE_AFTER_ALL: LiteralString = """
    update public.stays f set until_after = null from staged s
    where s.person_id = f.person_id and f.until is null and f.missing_since is null and f.until_after is not null
        and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s and f.direction = %(direction)s
"""
_MERGE: tuple[LiteralString, ...] = (_DATED, _DOUBLE, _MOVED, _NAMES, _FLAGS, _GONE)


async def adopt(conn: WorkerConnection, where: Mapping[str, Any]) -> int:
    """Gives ids to the people of data downloads that the staged pages show, and returns their number.

    `where` is the publication's: user_id, profile_id, direction, at. Profiles without an import cost one query.
    """
    row = await (await conn.execute(_IMPORTED, where)).fetchone()
    if row is None or not row["any"]:
        return 0
    follows = OF_DIRECTION[Direction(where["direction"])]["follows"]
    met = (await conn.execute(sql.SQL(_ADOPT).format(follows=follows), where)).rowcount
    merged = (await conn.execute(_PAIRS, where)).rowcount
    if merged > 0:
        for statement in _MERGE:
            await conn.execute(statement, where)
        await conn.execute(sql.SQL(_STAGED).format(follows=follows), where)
    await conn.execute(_DROP)
    await conn.execute(_HERE_AFTER_ALL, where)
    return met + max(0, merged)
