"""Every migration leaves the version before it able to work; and the checker that says so knows what it looks for."""

import pytest

from shared.db.migrate import available
from tests.rig.expansion import BASELINE_END, faults

BASELINE = [migration for migration in available() if int(migration.version) <= BASELINE_END]
LATER = available()[len(BASELINE) :]
KINDS = "create table public.jobs (kind text not null check (kind in ('A', 'B')), n integer);"


def test_each_migration_after_the_baseline_only_expands() -> None:
    before = "".join(migration.sql for migration in BASELINE)
    assert BASELINE[-1].version == str(BASELINE_END)
    for migration in LATER:
        assert faults(migration.sql, before) == [], migration.version
        before += migration.sql


@pytest.mark.parametrize(
    "text",
    [
        "create table public.new (id uuid primary key, n integer not null check (n > 0)); "
        "create unique index on public.new (n);",
        "alter table public.jobs add column note text;",
        "alter table public.jobs add column n2 integer not null default 0, add column n3 text;",
        "alter table public.jobs alter column n drop not null;",
        "create index jobs_n_idx on public.jobs (n); drop index public.jobs_old_idx;",
        "alter table public.jobs drop constraint jobs_kind_check, add constraint jobs_kind_check "
        "check (kind in ('A', 'B', 'C'));",
        "do $$ begin execute format('alter table public.%I drop constraint %I, add constraint %I check (%s or %s)'); "
        "end $$;",
        "create function f() returns void language plpgsql as $$ begin drop table x; end $$;",
        "revoke all on function f() from public; grant execute on function f() to authenticated;",
        "-- drop table public.jobs;\nselect 1;",
        "alter table public.new enable row level security;",
    ],
)
def test_what_expands_passes(text: str) -> None:
    assert faults(text, KINDS) == []


@pytest.mark.parametrize(
    "text",
    [
        "drop table public.jobs;",
        "drop function rollcall.f(uuid);",
        "alter table public.jobs drop column n;",
        "alter table public.jobs drop n;",
        "alter table public.jobs rename column n to m;",
        "alter table public.jobs rename to works;",
        "alter table public.jobs alter column n type bigint;",
        "alter table public.jobs alter column n set not null;",
        "alter table public.jobs alter column n drop default;",
        "alter table public.jobs add column must text not null;",
        "alter table public.jobs add column fine text, add column must text not null;",
        "alter table public.jobs add constraint few check (n < 5);",
        "alter table public.jobs drop constraint jobs_kind_check, add constraint jobs_kind_check "
        "check (kind in ('A'));",
        "alter table public.jobs add unique (n);",
        "create unique index jobs_n_key on public.jobs (n);",
        "revoke select on public.jobs from authenticated;",
        "drop policy jobs_select on public.jobs;",
        "create policy less on public.jobs as restrictive for all using (false);",
        "do $$ begin execute 'alter table public.jobs drop column n'; end $$;",
    ],
)
def test_what_breaks_old_code_is_found(text: str) -> None:
    assert faults(text, KINDS) != []
