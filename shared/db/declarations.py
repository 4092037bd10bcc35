"""Fills `rollcall.platforms`, `rollcall.job_kinds` and `rollcall.offered_kinds` from what the code declares."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg

from shared.domain.job_kinds import BY_PERSON, JOB_KINDS, SESSION_KINDS
from shared.domain.jobs import JobKind
from shared.domain.schedules import DEFAULTS
from shared.platforms import PLATFORMS
from shared.platforms.platform import Platform

_PLATFORM: LiteralString = """
    insert into rollcall.platforms as p (name, label, ways_in, kinds)
    values (%(name)s, %(label)s, %(ways_in)s, %(kinds)s)
    on conflict (name) do update set label = excluded.label, ways_in = excluded.ways_in, kinds = excluded.kinds
    where (p.label, p.ways_in, p.kinds) is distinct from (excluded.label, excluded.ways_in, excluded.kinds)
"""
_JOB_KIND: LiteralString = """
    insert into rollcall.job_kinds as k (name, has_lane, is_single, by_person, needs_args, takes_args, again_in, every,
        is_automatic)
    values (%(name)s, %(has_lane)s, %(is_single)s, %(by_person)s, %(needs_args)s, %(takes_args)s, %(again_in)s,
        %(every)s, %(is_automatic)s)
    on conflict (name) do update set has_lane = excluded.has_lane, is_single = excluded.is_single,
        by_person = excluded.by_person, needs_args = excluded.needs_args, takes_args = excluded.takes_args,
        again_in = excluded.again_in, every = excluded.every, is_automatic = excluded.is_automatic
    where (k.has_lane, k.is_single, k.by_person, k.needs_args, k.takes_args, k.again_in, k.every,
        k.is_automatic) is distinct from
        (excluded.has_lane, excluded.is_single, excluded.by_person, excluded.needs_args, excluded.takes_args,
            excluded.again_in, excluded.every, excluded.is_automatic)
"""
_NO_LONGER_OFFERED: LiteralString = """
    delete from rollcall.offered_kinds where platform = %(platform)s and way_in = %(way_in)s and kind <> all(%(kinds)s)
"""
_OFFERED: LiteralString = """
    insert into rollcall.offered_kinds as o (platform, way_in, kind, rank)
    select %(platform)s, %(way_in)s, kind, %(rank)s from unnest(%(kinds)s::text[]) as kind
    on conflict (platform, kind, way_in) do update set rank = excluded.rank where o.rank <> excluded.rank
"""
# Profiles that were there before a kind was declared; a connected one has it one interval from now.
_SCHEDULES: LiteralString = """
    insert into public.schedules (profile_id, kind, user_id, every, is_automatic, is_active, next_at)
    select p.id, k.name, p.user_id, k.every, k.is_automatic, p.state = 'CONNECTED' and not p.schedule_paused,
        case when p.state = 'CONNECTED' then now() + k.every end
    from rollcall.job_kinds k, public.profiles p join rollcall.platforms f on f.name = p.platform
    where k.every is not null and k.name = any(f.kinds) and not exists (
        select from public.schedules s where s.profile_id = p.id and s.kind = k.name
    )
    on conflict do nothing
"""
_LIVING = ["CONNECTING", "CONNECTED", "NEEDS_LOGIN", "CHALLENGED", "COOLING_DOWN", "DISCONNECTED"]
# What needs nothing that was erased with the failed job.
_AGAIN: Mapping[JobKind, Sequence[str]] = {
    **{kind: ["CONNECTED"] for kind in SESSION_KINDS - {JobKind.LOGIN}},
    JobKind.DERIVE: _LIVING,
    JobKind.DELETE_PROFILE: ["DELETING"],
}


def declare(conn: psycopg.Connection[Any]) -> None:
    """Writes each platform, its ways in and each kind of job; what only another version declares stays."""
    with conn.cursor() as cursor:
        cursor.executemany(_PLATFORM, [_platform(one) for one in PLATFORMS.values()])
        cursor.executemany(_JOB_KIND, [_row(kind) for kind in JobKind])
        for offered in [row for one in PLATFORMS.values() for row in _offered(one)]:
            cursor.execute(_NO_LONGER_OFFERED, offered)
            cursor.execute(_OFFERED, offered)
        cursor.execute(_SCHEDULES)
        cursor.execute("select rollcall.offer_schedules()")


def _platform(platform: Platform) -> dict[str, Any]:
    return {
        "name": platform.name,
        "label": platform.label,
        "ways_in": list(platform.ways_in),
        "kinds": sorted(platform.kinds),
    }


def _offered(platform: Platform) -> list[dict[str, Any]]:
    return [
        {"platform": platform.name, "way_in": way, "rank": rank, "kinds": sorted(platform.offers(way))}
        for rank, way in enumerate(platform.by_rank())
    ]


def _row(kind: JobKind) -> dict[str, Any]:
    spec, schedule = JOB_KINDS[kind], DEFAULTS.get(kind)
    return {
        "name": kind,
        "has_lane": spec.lane,
        "is_single": spec.single,
        "by_person": kind in BY_PERSON,
        "needs_args": list(spec.needs),
        "takes_args": list(spec.takes),
        "again_in": list(_AGAIN.get(kind, ())),
        "every": None if schedule is None else schedule.every,
        "is_automatic": schedule is not None and schedule.is_automatic,
    }
