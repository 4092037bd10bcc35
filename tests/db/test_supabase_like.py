"""The migrations on a database as Supabase has it: no superuser, foreign `auth` and `storage`, no grants by default."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import ConnectionPool

from rollcall import main
from sandbox.supabase.database import ProjectDatabase, database
from sandbox.supabase.storage_shelf import MIGRATED, Action
from shared.db import pools, roles
from shared.db.migrate import available, migrate, pending
from shared.db.roles import require_row_security
from shared.domain.jobs import JobKind
from shared.errors import DatabaseError
from shared.store.profiles import profiles
from shared.store.queue import claims, jobs
from tests.conftest import REPO
from tests.rig import supabase_like
from tests.rig.scratch import scratch

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with (
        scratch("rc") as name,
        supabase_like.server(Path(name)) as url,
    ):
        yield url


@pytest.fixture(scope="module")
def project(server: str) -> Iterator[ProjectDatabase]:
    """A project after `rollcall migrate`, run as its owner."""
    with database(server) as found:
        assert migrate(found.owner) == [m.version for m in available()]
        yield found


@pytest.fixture
def web_url(project: ProjectDatabase) -> str:
    return roles.allow_login(project.owner, roles.WEB, roles.new_password())


@pytest.fixture
def worker_url(project: ProjectDatabase) -> str:
    return roles.allow_login(project.owner, roles.WORKER, roles.new_password())


@pytest.fixture
def web(web_url: str) -> Iterator[ConnectionPool[pools.WebConnection]]:
    with pools.web_pool(web_url, 2) as pool:
        yield pool


def _all(url: str, statement: str, *given: Any) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as conn:
        return conn.execute(statement.encode(), given).fetchall()


def test_whoever_migrates_is_no_superuser_and_owns_neither_auth_nor_storage(project: ProjectDatabase) -> None:
    (row,) = _all(
        project.owner, "select rolsuper, rolcreaterole, rolbypassrls from pg_roles where rolname = current_user"
    )
    assert row == (False, True, True)
    owners = _all(
        project.owner,
        "select distinct tableowner from pg_tables where schemaname in ('public', 'rollcall', 'supabase_migrations')",
    )
    assert owners == [("project_owner",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege), psycopg.connect(project.owner) as conn:
        conn.execute("alter table auth.users add column ours text")


def test_history_is_as_the_cli_writes_it_and_a_second_run_does_nothing(project: ProjectDatabase) -> None:
    columns = _all(
        project.owner,
        "select column_name, data_type, is_nullable from information_schema.columns"
        " where table_schema = 'supabase_migrations' and table_name = 'schema_migrations' order by 1",
    )
    assert columns == [("name", "text", "YES"), ("statements", "ARRAY", "YES"), ("version", "text", "NO")]
    rows = _all(project.owner, "select version, name from supabase_migrations.schema_migrations order by version")
    assert rows == [(m.version, m.name) for m in available()]
    assert migrate(project.owner) == pending(project.owner) == []


def test_what_the_cli_has_begun_is_gone_on_with(server: str) -> None:
    first, *others = available()
    with database(server) as fresh:
        with psycopg.connect(fresh.owner) as conn:
            conn.execute("create schema supabase_migrations")
            conn.execute(
                "create table supabase_migrations.schema_migrations"
                " (version text not null primary key, statements text[], name text)"
            )
            conn.execute(first.sql.encode())
            conn.execute(
                "insert into supabase_migrations.schema_migrations (version, statements, name) values (%s, %s, %s)",
                (first.version, [first.sql], first.name),
            )
        assert migrate(fresh.owner) == [m.version for m in others]


def test_no_extension_is_needed_and_supabases_own_sign_in_is_left_alone(project: ProjectDatabase) -> None:
    assert _all(project.owner, "select extname from pg_extension") == [("plpgsql",)]
    assert _all(project.owner, "select proname from pg_proc where proname like 'identity%%'") == []


def test_the_webs_role_sees_a_persons_own_rows_only(
    project: ProjectDatabase, web: ConnectionPool[pools.WebConnection]
) -> None:
    alice, bob = project.sign_up("alice"), project.sign_up("bob")
    with pools.tenant(web, alice) as conn:
        profile = profiles.find_or_add(conn, alice, "instagram", "alice.test", "UTC")
        jobs.enqueue(conn, alice, profile.id, JobKind.DERIVE)
    for who, seen in ((alice, 1), (bob, 0), (None, 0)):
        with pools.tenant(web, who) as conn:
            try:
                found = len(conn.execute("select from public.profiles").fetchall())
            except psycopg.errors.InsufficientPrivilege:
                found = 0
            assert found == seen
    with pools.tenant(web, bob) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(
            "insert into public.profiles (user_id, platform, username) values (%s, 'instagram', 'x')", (alice,)
        )


def test_the_web_starts_and_its_sessions_work(
    web: ConnectionPool[pools.WebConnection], project: ProjectDatabase
) -> None:
    carla = project.sign_up("carla")
    with web.connection() as conn:
        require_row_security(conn)
        conn.execute("select rollcall.session_open(%s, %s, '1 day', 'agent', null)", (carla, b"hash"))
        found = conn.execute(
            "select user_id, email from rollcall.session_find(%s, '1 day', '9 days')", [b"hash"]
        ).fetchone()
    assert found == {"user_id": carla, "email": "carla@example.org"}


def test_the_webs_role_may_become_nobody_else(web_url: str) -> None:
    for role in ("service_role", "project_owner", "supabase_auth_admin", roles.WORKER):
        with psycopg.connect(web_url) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(f"set role {role}".encode())


async def test_the_worker_claims_and_writes_as_the_service_role(
    project: ProjectDatabase, web: ConnectionPool[pools.WebConnection], worker_url: str
) -> None:
    dora = project.sign_up("dora")
    with pools.tenant(web, dora) as conn:
        profile = profiles.find_or_add(conn, dora, "instagram", "dora.test", "UTC")
        job_id, _ = jobs.enqueue(conn, dora, profile.id, JobKind.LOGIN)
    async with pools.worker_pool(worker_url, 2) as pool, pool.connection() as conn:
        claimed = await claims.claim(conn, worker="w", lease=timedelta(seconds=30), kinds=[JobKind.LOGIN], limit=5)
        assert [one.id for one in claimed] == [job_id]
        await conn.execute(
            "insert into public.people (user_id, profile_id, username, first_seen_at, updated_at)"
            " values (%s, %s, 'ben', now(), now())",
            (dora, profile.id),
        )


def test_the_service_role_may_do_everything_on_every_table_and_nobody_more_than_was_granted(
    project: ProjectDatabase,
) -> None:
    lacking = _all(
        project.owner,
        "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
        " and not has_table_privilege('service_role', c.oid, 'select, insert, update, delete')"
        " or c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')"
        " and has_any_column_privilege('anon', c.oid, 'select, insert, update')",
    )
    assert lacking == []


def _privileges(project: ProjectDatabase) -> list[Any]:
    return _all(
        project.owner,
        "select c.relname, r.rolname, p.privilege_type from pg_class c, aclexplode(c.relacl) p, pg_roles r"
        " where r.oid = p.grantee and r.rolname in ('anon', 'authenticated', 'service_role')"
        " and c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1, 2, 3",
    )


def test_an_older_project_that_grants_everything_by_default_ends_with_the_same_rights(
    server: str, project: ProjectDatabase
) -> None:
    with database(server, old_defaults=True) as older:
        migrate(older.owner)
        assert _privileges(older) == _privileges(project)


def test_whoever_leaves_supabase_takes_their_rows_along(
    project: ProjectDatabase, web: ConnectionPool[pools.WebConnection]
) -> None:
    emil = project.sign_up("emil")
    with pools.tenant(web, emil) as conn:
        profiles.find_or_add(conn, emil, "instagram", "emil.test", "UTC")
    _all(project.supabase, "delete from auth.users where id = %s returning id", emil)
    assert _all(project.owner, "select from public.profiles where user_id = %s", emil) == []


def test_the_buckets_are_private_and_their_policies_are_those_of_the_stand_in(project: ProjectDatabase) -> None:
    limits = _all(project.owner, "select id, file_size_limit, allowed_mime_types from storage.buckets order by id")
    kinds = ["application/octet-stream"]
    assert limits == [("exports", 5 * 1024**3, kinds), ("imports", 2 * 1024**3, kinds)]
    buckets = _all(project.owner, "select id, public from storage.buckets order by id")
    assert buckets == [("exports", False), ("imports", False)]
    rows = _all(
        project.owner,
        "select split_part(policyname, '_', 2), cmd, roles::text from pg_policies where schemaname = 'storage'",
    )
    assert {role for _, _, role in rows} == {"{authenticated}"}
    found = {bucket: frozenset(Action(cmd) for name, cmd, _ in rows if name == bucket) for bucket, _ in buckets}
    assert found == MIGRATED


def _as_person(conn: psycopg.Connection[Any], user_id: UUID) -> None:
    conn.execute(
        "select set_config('role', 'authenticated', true), set_config('request.jwt.claims', %s, true),"
        " set_config('storage.allow_delete_query', 'true', true)",
        (json.dumps({"sub": str(user_id), "role": "authenticated"}),),
    )


def test_people_reach_their_own_folder_and_no_other(project: ProjectDatabase) -> None:
    """As Storage does it: in the person's name, under the policies."""
    alice, bob = project.sign_up("alice-files"), project.sign_up("bob-files")
    put = "insert into storage.objects (bucket_id, name) values (%s, %s)"
    with psycopg.connect(project.supabase, autocommit=True) as conn:
        conn.execute(put, ("exports", f"{alice}/list.csv"))
        with conn.transaction():
            _as_person(conn, alice)
            conn.execute(put, ("imports", f"{alice}/a.zip"))
            assert len(conn.execute("select from storage.objects").fetchall()) == 2
        for bucket, name in (("imports", f"{bob}/a.zip"), ("imports", "a.zip"), ("exports", f"{alice}/b.csv")):
            with conn.transaction(force_rollback=True):
                _as_person(conn, alice)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    conn.execute(put, (bucket, name))
        with conn.transaction():
            _as_person(conn, bob)
            assert conn.execute("select from storage.objects").fetchall() == []
            assert conn.execute("delete from storage.objects").rowcount == 0
            assert conn.execute("update storage.objects set name = 'x'").rowcount == 0
        with conn.transaction():
            _as_person(conn, alice)
            assert conn.execute("update storage.objects set name = 'x'").rowcount == 0
            assert conn.execute("delete from storage.objects").rowcount == 2


def test_a_bucket_that_was_public_is_closed(server: str) -> None:
    with database(server) as fresh:
        _all(
            fresh.supabase,
            "insert into storage.buckets (id, name, public) values ('exports', 'exports', true) returning id",
        )
        migrate(fresh.owner)
        assert _all(fresh.owner, "select public from storage.buckets where id = 'exports'") == [(False,)]


def test_a_limit_that_an_operator_set_stays(server: str) -> None:
    with database(server) as fresh:
        migrate(fresh.owner)
        _all(fresh.owner, "update storage.buckets set file_size_limit = 1000 where id = 'imports' returning id")
        migrate(fresh.owner)
        assert _all(fresh.owner, "select file_size_limit from storage.buckets where id = 'imports'") == [(1000,)]


def test_without_the_right_to_write_policies_everything_else_is_made_and_a_later_run_makes_them(server: str) -> None:
    policies = "select from pg_policies where schemaname = 'storage'"
    with database(server, may_police=False) as fresh:
        assert migrate(fresh.owner) == [m.version for m in available()]
        assert len(_all(fresh.owner, "select from storage.buckets")) == 2
        assert _all(fresh.owner, policies) == []
        with psycopg.connect(fresh.supabase, autocommit=True) as conn:
            conn.execute("alter table storage.objects owner to policy_grants")
        assert migrate(fresh.owner) == []
        assert len(_all(fresh.owner, policies)) == 5


def test_storage_that_comes_later_is_made_ready_by_the_next_run(server: str) -> None:
    with database(server) as fresh:
        with psycopg.connect(fresh.supabase, autocommit=True) as conn:
            conn.execute("alter schema storage rename to not_yet")
        migrate(fresh.owner)
        with psycopg.connect(fresh.supabase, autocommit=True) as conn:
            conn.execute("alter schema not_yet rename to storage")
        assert migrate(fresh.owner) == []
        assert len(_all(fresh.owner, "select from storage.buckets")) == 2


def test_the_policies_in_the_document_are_those_that_the_migrations_make(server: str, project: ProjectDatabase) -> None:
    page = (REPO / "docs" / "hosting-database.md").read_text(encoding="utf-8")
    by_hand = "".join(re.findall(r"^    create policy [^;]+;", page, re.M))
    made = (
        "select policyname, cmd, roles::text, qual, with_check from pg_policies where schemaname = 'storage' order by 1"
    )
    with database(server, may_police=False) as fresh:
        migrate(fresh.owner)
        with psycopg.connect(fresh.supabase, autocommit=True) as conn:
            conn.execute(by_hand.encode())
        assert _all(fresh.owner, made) == _all(project.owner, made)


def test_a_role_signs_in_with_its_password_and_with_no_other(project: ProjectDatabase, web_url: str) -> None:
    with psycopg.connect(web_url) as conn:
        assert conn.execute("select current_user").fetchone() == (roles.WEB,)
    wrong = roles.address(web_url, roles.WEB, "wrong")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    (kept,) = _all(project.supabase, "select rolpassword from pg_authid where rolname = %s", roles.WEB)
    assert kept[0].startswith("SCRAM-SHA-256$")
    assert str(conninfo_to_dict(web_url)["password"]) not in kept[0]


def test_the_command_prints_an_address_for_each_part_that_works_and_makes_earlier_ones_void(
    server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database(server) as fresh:
        monkeypatch.setenv("DATABASE_URL", roles.address(fresh.owner, "project_owner"))
        migrate(fresh.owner)
        first, second = (CliRunner().invoke(main, ["roles"]) for _ in range(2))
        assert second.exit_code == 0, second.output
        urls = dict(re.findall(r"# (\w+)\nDATABASE_URL=(\S+)", second.stdout))
        for name, role in (("web", roles.WEB), ("worker", roles.WORKER)):
            with psycopg.connect(urls[name]) as conn:
                assert conn.execute("select current_user").fetchone() == (role,)
        earlier = dict(re.findall(r"# (\w+)\nDATABASE_URL=(\S+)", first.stdout))
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(earlier["web"])
        moved = CliRunner().invoke(main, ["roles", "--at", "aws-0-eu-central-1.pooler.supabase.com:5432"])
        assert "@aws-0-eu-central-1.pooler.supabase.com:5432/" in moved.stdout


def test_roles_that_are_not_there_yet_are_said_with_what_to_do(server: str) -> None:
    with database(server) as fresh, pytest.raises(DatabaseError, match="rollcall migrate"):
        roles.allow_login(fresh.owner, "rollcall_nobody", "x")
