"""Fills `rollcall.platforms` and `rollcall.job_kinds` from what the code declares."""

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

import psycopg

from shared.domain.jobs import SESSION_KINDS, STARTABLE, JobKind
from shared.platforms import PLATFORMS

_PLATFORM: LiteralString = """
    insert into rollcall.platforms as p (name, label) values (%(name)s, %(label)s)
    on conflict (name) do update set label = excluded.label where p.label <> excluded.label
"""
_JOB_KIND: LiteralString = """
    insert into rollcall.job_kinds as k (name, has_lane, is_single, by_person, needs_args, takes_args, again_in)
    values (%(name)s, %(has_lane)s, %(is_single)s, %(by_person)s, %(needs_args)s, %(takes_args)s, %(again_in)s)
    on conflict (name) do update set has_lane = excluded.has_lane, is_single = excluded.is_single,
        by_person = excluded.by_person, needs_args = excluded.needs_args, takes_args = excluded.takes_args,
        again_in = excluded.again_in
    where (k.has_lane, k.is_single, k.by_person, k.needs_args, k.takes_args, k.again_in) is distinct from
        (excluded.has_lane, excluded.is_single, excluded.by_person, excluded.needs_args, excluded.takes_args,
            excluded.again_in)
"""
_BY_PERSON = STARTABLE | {JobKind.LOGIN, JobKind.IMPORT, JobKind.EXPORT, JobKind.PURGE}
_NEEDS: Mapping[JobKind, Sequence[str]] = {JobKind.IMPORT: ["import_id"], JobKind.EXPORT: ["export_id"]}
_TAKES: Mapping[JobKind, Sequence[str]] = {JobKind.IMPORT: ["all"]}
_LIVING = ["CONNECTING", "CONNECTED", "NEEDS_LOGIN", "CHALLENGED", "RESTING", "DISCONNECTED"]
# What needs nothing that was erased with the failed job.
_AGAIN: Mapping[JobKind, Sequence[str]] = {
    **{kind: ["CONNECTED"] for kind in SESSION_KINDS - {JobKind.LOGIN}},
    JobKind.DERIVE: _LIVING,
    JobKind.PURGE: ["DELETING"],
}


def declare(conn: psycopg.Connection[Any]) -> None:
    """Writes every declared platform and kind of job; what only another version declares stays."""
    with conn.cursor() as cursor:
        cursor.executemany(_PLATFORM, [{"name": one.name, "label": one.label} for one in PLATFORMS])
        cursor.executemany(_JOB_KIND, [_row(kind) for kind in JobKind])


def _row(kind: JobKind) -> dict[str, Any]:
    return {
        "name": kind,
        "has_lane": kind in SESSION_KINDS,
        "is_single": kind is not JobKind.EXPORT,
        "by_person": kind in _BY_PERSON,
        "needs_args": list(_NEEDS.get(kind, ())),
        "takes_args": list(_TAKES.get(kind, ())),
        "again_in": list(_AGAIN.get(kind, ())),
    }
