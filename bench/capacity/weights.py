"""Measures the size of a row, with its indexes and its TOAST data, in a real database after a vacuum.

Lists and posts go through the functions that publish them, everything else is inserted through the tables' own
constraints. The size of a change is the growth of the tables from list to list, divided by the people who came and
left.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import LiteralString
from uuid import UUID, uuid4

import psycopg

from shared.db import pools
from shared.db.pools import WorkerConnection
from shared.domain.engagers import Role
from shared.domain.social import Direction, Person, Viewer
from shared.domain.traversal.list_verdict import Evidence
from shared.domain.traversal.media_walk import Query, Tab, Verdict
from shared.store.followers import publish, runs
from shared.store.followers.runs import StagedPage
from shared.store.media import engagers, publish_media, staging
from tests.rig import samples

PEOPLE, ROUNDS, MOVED = 20_000, 10, 400
MEDIA, READINGS, VIEWERS = 1_000, 20, 20_000
ROWS = 20_000
_LIST = ("people", "stays", "person_names")
_START = datetime(2026, 1, 1, tzinfo=UTC)
_SIZE: LiteralString = (
    "select coalesce(sum(pg_total_relation_size(('public.' || t)::regclass)), 0) from unnest(%s::text[]) as t"
)
_ACCOUNTS: LiteralString = """
    with person as (
        insert into auth.users (email, encrypted_password)
        select 'weighed-' || n || '@example.org', %(hash)s from generate_series(1, %(rows)s) as n returning id
    ), profile as (
        insert into public.profiles (user_id, platform, username, external_id, display_name, biography, category, state,
            followers, following, media_count)
        select id, 'instagram', 'weighed.' || left(id::text, 12), left(id::text, 11), 'Name and Family', %(biography)s,
            'Digital creator', 'CONNECTED', 2000, 500, 150
        from person returning id, user_id
    ), connection as (
        insert into public.connections (user_id, profile_id, method, state, secret, last_used_at, checked_at)
        select user_id, id, 'browser', 'ACTIVE', %(secret)s, now(), now() from profile
        returning id, profile_id, user_id
    ), key as (
        insert into public.user_keys (user_id, wrapped_key, kek_id)
        select user_id, %(wrapped)s, 'kek-20261120' from profile
    )
    insert into public.request_budget (connection_id, profile_id, user_id, per_day, day_spent)
    select id, profile_id, user_id, 1000, 300 from connection
"""
_CLONES: tuple[LiteralString, ...] = (
    """insert into public.list_runs (user_id, profile_id, direction, state, source, verdict, reported_before,
        reported_after, seen, pages, endpoint, passes, gained, lost, returned, renamed, missing, exact, observed_start,
        observed_end, started_at, ended_at)
    select user_id, profile_id, direction, state, source, verdict, reported_before, reported_after, seen, pages,
        endpoint,
        passes, gained, lost, returned, renamed, missing, exact, observed_start + n * interval '1 day',
        observed_end + n * interval '1 day', started_at, ended_at
    from (select * from public.list_runs limit 1) r, generate_series(1, %(rows)s) as n""",
    """insert into public.media_runs (id, user_id, profile_id, verdict, pages, seen, added, changed, observed_start,
        observed_end)
    select gen_random_uuid(), user_id, profile_id, verdict, pages, seen, added, changed,
        observed_start + n * interval '8 hours', observed_end + n * interval '8 hours'
    from (select * from public.media_runs limit 1) r, generate_series(1, %(rows)s) as n""",
    """insert into public.profile_counts (profile_id, captured_at, user_id, source, followers, following, media)
    select id, now() - n * interval '6 hours', user_id, 'browser', 2000 + n, 500, 150
    from (select id, user_id from public.profiles limit 1) p, generate_series(1, %(rows)s) as n""",
    """insert into public.profile_days (profile_id, day, user_id, followers, following, media, gained, lost, returned,
        renamed, posts, likes, comments, plays, er_numerator, er_denominator, er_posts, er_formulas, whole_runs,
        formula_version)
    select id, date '1960-01-01' + n, user_id, 2000, 500, 150, 5, 4, 0, 1, 1, 60, 4, 900, 64, 2000, 1,
        array['er_followers_at_post'], 2, 1
    from (select id, user_id from public.profiles limit 1) p, generate_series(1, %(rows)s) as n""",
)


@dataclass(slots=True)
class Scale:
    """Sizes of tables, taken after a vacuum."""

    url: str

    def __call__(self, *tables: str) -> int:
        with psycopg.connect(self.url, autocommit=True) as conn:
            for table in tables:
                conn.execute(psycopg.sql.SQL("vacuum analyze public.{}").format(psycopg.sql.Identifier(table)))
            row = conn.execute(_SIZE, [list(tables)]).fetchone()
        assert row is not None
        return int(row[0])


async def weigh(url: str, worker_url: str, secret_bytes: int, rows: int = ROWS) -> dict[str, float]:
    """Bytes of one row of each kind; `secret_bytes` is the size of an encrypted session."""
    scale = Scale(url)
    found = _accounts(url, scale, secret_bytes, max(rows // 10, 10))
    async with pools.worker_pool(worker_url, 2) as pool, pool.connection() as conn:
        await conn.set_autocommit(True)
        owner, profile = await _whose(conn)
        found |= await _lists(conn, scale, owner, profile, rows)
        found |= await _media(conn, scale, owner, profile, max(rows // 20, 10))
    with psycopg.connect(url) as owned:
        for statement in _CLONES:
            owned.execute(statement, {"rows": rows})
    names = ("list_runs", "media_runs", "profile_counts", "profile_days")
    return found | {f"a_row_of_{name}": round(scale(name) / rows) for name in names}


def _accounts(url: str, scale: Scale, secret_bytes: int, rows: int) -> dict[str, float]:
    tables = ("profiles", "schedules", "connections", "user_keys", "request_budget")
    given = {"rows": rows, "hash": "h" * 97, "biography": "b" * 120}
    secrets = {"secret": os.urandom(secret_bytes), "wrapped": os.urandom(60)}
    with psycopg.connect(url) as conn:
        conn.execute(_ACCOUNTS, given | secrets)
        row = conn.execute("select pg_total_relation_size('auth.users')").fetchone()
    assert row is not None
    return {"a_profile": round((scale(*tables) + int(row[0])) / rows), "a_session": secret_bytes}


async def _whose(conn: WorkerConnection) -> tuple[UUID, UUID]:
    row = await (await conn.execute("select user_id, id from public.profiles limit 1")).fetchone()
    assert row is not None
    return row["user_id"], row["id"]


async def _lists(conn: WorkerConnection, scale: Scale, owner: UUID, profile: UUID, size: int) -> dict[str, float]:
    listed = samples.persons(size)
    newcomers = iter(samples.persons(size * 2)[size:])
    await _publish(conn, owner, profile, listed, 0)
    staged = scale("list_pages")
    first = scale(*_LIST)
    rng, moved, each = Random(1), 0, max(size // 50, 1)
    for number in range(1, ROUNDS + 1):
        for place in rng.sample(range(size), each):
            listed[place] = next(newcomers)
        moved += await _publish(conn, owner, profile, listed, number)
    grown = scale(*_LIST) - first
    return {
        "a_follower": round(first / size),
        "a_change": round(grown / moved),
        "changes_weighed": moved,
        "list_pages_after": staged,
    }


async def _publish(conn: WorkerConnection, owner: UUID, profile: UUID, listed: Sequence[Person], number: int) -> int:
    """One whole and exact reading of the list; returns how many came and left."""
    size, at = len(listed), _START + timedelta(days=number)
    run = await runs.start_run(conn, user_id=owner, profile_id=profile, direction=Direction.FOLLOWER, reported=size)
    pages = [StagedPage(n // 25, listed[n : n + 25], at) for n in range(0, size, 25)]
    async with conn.transaction():
        await runs.stage_pages(conn, run, pages, seen=size)
        run = replace(run, pages=len(pages))
        done = await publish.publish(conn, run, Evidence(size, size, natural_end=True))
    return done.gained + done.lost


async def _media(conn: WorkerConnection, scale: Scale, owner: UUID, profile: UUID, size: int) -> dict[str, float]:
    for number in range(READINGS):
        at = _START + timedelta(hours=8 * number)
        run = uuid4()
        async with conn.transaction():
            query = Query(profile, run, whole=True)
            await staging.stage(conn, owner, query, Tab.POSTS, samples.media(size, number), at)
            await publish_media.publish(conn, publish_media.Finished(run, owner, profile, None, Verdict.WHOLE, 1))
        # A reading writes every post's row anew; what that leaves is cleared in between, as autovacuum does.
        scale("media", "media_staged")
    found: dict[str, float] = {
        "a_medium": round(scale("media") / size),
        "a_metric_row": round(scale("media_metrics") / size / READINGS),
    }
    row = await (await conn.execute("select min(id) as first from public.media")).fetchone()
    assert row is not None
    seen = [Viewer(one, False) for one in samples.persons(min(VIEWERS, size * 20))]
    async with conn.transaction():
        for place in range(0, len(seen), 50):
            whose = engagers.Whose(owner, profile, row["first"] + place // 1000 % size, Role.VIEWER)
            await engagers.add(conn, whose, seen[place : place + 50], _START)
    return found | {"a_viewer": round(scale("media_people") / len(seen))}
