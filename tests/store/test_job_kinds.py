"""The schema's copies of the declared kinds of job equal the declarations."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from shared.domain.job_kinds import EVERY, JOB_KINDS, SESSION_KINDS
from shared.domain.jobs import JobKind

Owner = psycopg.Connection[dict[str, Any]]
_TEXT = re.compile(r"'([A-Z_]+)'")
_CHECKS = """
    select string_agg(pg_get_constraintdef(oid), ' ') as text from pg_constraint
    where conrelid = 'public.sync_jobs'::regclass and conname like '%kind%'
"""
_LANE = """
    select pg_get_expr(d.adbin, d.adrelid) as text from pg_attrdef d
    join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    where d.adrelid = 'public.sync_jobs'::regclass and a.attname = 'lane'
"""
_SINGLE = "select regexp_replace(pg_get_indexdef('public.sync_jobs_live_key'::regclass), '^.*kind <>', '') as text"
_INTERVALS = """
    select a.attname as name, pg_get_expr(d.adbin, d.adrelid) as given from pg_attrdef d
    join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
    where d.adrelid = 'public.profiles'::regclass and a.attname like '%\\_every'
"""
_COLUMN_OF = {
    JobKind.SYNC_PROFILE: "profile_every",
    JobKind.SYNC_FOLLOWERS: "followers_every",
    JobKind.SYNC_FOLLOWING: "following_every",
    JobKind.SYNC_MEDIA: "media_every",
    JobKind.SYNC_STORIES: "stories_every",
    JobKind.SYNC_LIKERS: "likers_every",
    JobKind.CHECK_SESSION: "check_every",
}


def named(owner: Owner, statement: str) -> set[str]:
    """The kinds that a definition in the catalog names."""
    found = owner.execute(statement.encode()).fetchone()
    assert found is not None
    return set(_TEXT.findall(found["text"]))


def test_every_kind_is_declared() -> None:
    assert set(JOB_KINDS) == set(JobKind)


@pytest.mark.parametrize(
    ("statement", "declared"),
    [
        (_CHECKS, set(JobKind)),
        (_LANE, SESSION_KINDS),
        (_SINGLE, {kind for kind, spec in JOB_KINDS.items() if not spec.single}),
    ],
    ids=["kind check", "lane", "live key"],
)
def test_the_schema_names_the_declared_kinds(owner: Owner, statement: str, declared: set[JobKind]) -> None:
    assert named(owner, statement) == declared


def test_a_profile_begins_with_the_declared_intervals(owner: Owner) -> None:
    found = owner.execute(_INTERVALS.encode()).fetchall()
    given = {row["name"]: owner.execute(f"select {row['given']} as every".encode()).fetchone() for row in found}
    stored: dict[str, timedelta] = {name: row["every"] for name, row in given.items() if row is not None}
    assert stored == {column: EVERY[kind] for kind, column in _COLUMN_OF.items()}
