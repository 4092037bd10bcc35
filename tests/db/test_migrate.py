"""Migrations: once each, whole or not at all, in the Supabase CLI's own history."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from shared.db.migrate import available, migrate, pending
from shared.errors import DatabaseError


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    name = f"e_{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        yield make_conninfo(postgres, dbname=name)
        conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_a_second_run_does_nothing(empty: str) -> None:
    first = migrate(empty)
    assert first == [m.version for m in available()]
    assert migrate(empty) == []
    assert pending(empty) == []


def test_everything_is_pending_on_an_empty_database(empty: str) -> None:
    assert pending(empty) == [m.version for m in available()]


def test_history_is_the_supabase_clis_own(empty: str) -> None:
    migrate(empty)
    with psycopg.connect(empty) as conn:
        rows = conn.execute(
            "select version, name, statements from supabase_migrations.schema_migrations order by version"
        ).fetchall()
    assert [(r[0], r[1]) for r in rows] == [(m.version, m.name) for m in available()]
    assert [r[2] for r in rows] == [[m.sql] for m in available()]


def test_a_failing_file_leaves_nothing_half_applied(empty: str, tmp_path: Path) -> None:
    (tmp_path / "1_good.sql").write_text("create table kept (id int);")
    (tmp_path / "2_bad.sql").write_text("create table half (id int); select 1 / 0;")
    with pytest.raises(DatabaseError, match=r"2_bad\.sql failed and nothing of it was kept"):
        migrate(empty, tmp_path)
    with psycopg.connect(empty) as conn:
        there = conn.execute("select to_regclass('kept') is not null, to_regclass('half') is not null").fetchone()
        assert there == (True, False)
    assert pending(empty, tmp_path) == ["2"]
    (tmp_path / "2_bad.sql").write_text("create table half (id int);")
    assert migrate(empty, tmp_path) == ["2"]


def test_many_at_once_apply_each_file_once(empty: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        applied = [version for versions in threads.map(lambda _: migrate(empty), range(4)) for version in versions]
    assert sorted(applied) == [m.version for m in available()]


def test_a_file_with_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "first.sql").write_text("")
    with pytest.raises(DatabaseError, match=r"first\.sql is not named"):
        available(tmp_path)


def test_two_files_with_one_version_are_refused(tmp_path: Path) -> None:
    (tmp_path / "1_a.sql").write_text("")
    (tmp_path / "1_b.sql").write_text("")
    with pytest.raises(DatabaseError, match="same version"):
        available(tmp_path)


def test_supabases_transaction_pooler_is_refused_before_anything_is_asked_there() -> None:
    with pytest.raises(DatabaseError, match="port 5432"):
        migrate("postgresql://postgres.ref:x@aws-0-eu-central-1.pooler.supabase.com:6543/postgres")


@pytest.mark.parametrize("version", ["20261120000001", "20261130000900"])
def test_a_database_from_before_the_baseline_is_refused_and_left_alone(empty: str, version: str) -> None:
    _remember(empty, version)
    with pytest.raises(DatabaseError, match="from before the first release") as refused:
        migrate(empty)
    assert "Use an empty database" in refused.value.next_step
    with psycopg.connect(empty) as conn:
        assert conn.execute("select to_regnamespace('rollcall')").fetchone() == (None,)


@pytest.mark.parametrize("version", ["1", "20250101000000", "init"])
def test_migrations_of_others_in_the_same_history_do_not_matter(empty: str, version: str) -> None:
    _remember(empty, version)
    assert migrate(empty) == [m.version for m in available()]


def _remember(url: str, version: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("create schema supabase_migrations")
        conn.execute("create table supabase_migrations.schema_migrations (version text primary key, name text)")
        conn.execute("alter table supabase_migrations.schema_migrations add statements text[]")
        conn.execute("insert into supabase_migrations.schema_migrations (version) values (%s)", (version,))


def test_a_foreign_auth_schema_is_left_alone(empty: str) -> None:
    """Supabase owns `auth`; the prelude must not touch it."""
    with psycopg.connect(empty, autocommit=True) as conn:
        for role in ("someone_else", "anon", "authenticated", "service_role"):
            make = sql.SQL("do $$ begin create role {}; exception when duplicate_object then null; end $$")
            conn.execute(make.format(sql.Identifier(role)))
        conn.execute("create schema auth authorization someone_else")
        conn.execute("create table auth.users (id uuid primary key, email text)")
        conn.execute("create function auth.uid() returns uuid language sql as 'select null::uuid'")
    migrate(empty)
    with psycopg.connect(empty) as conn:
        columns = conn.execute(
            "select count(*) from information_schema.columns where table_schema = 'auth' and table_name = 'users'"
        ).fetchone()
    assert columns == (2,)
