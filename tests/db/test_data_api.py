"""Supabase's Data API reaches nothing of ours, and what a person's role may write is bound by the database itself.

PostgREST signs in as `authenticator`, sets the role and the claims in a transaction, and runs the statement. That is
what these tests do; no product code stands in between.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from sandbox.supabase.database import ProjectDatabase
from sandbox.supabase.database import database as project_database
from shared.db import migrate, roles
from shared.db.pools import WebConnection, tenant, web_pool
from shared.domain.exports import Format, What
from shared.domain.job_kinds import BY_PERSON, JOB_KINDS
from shared.domain.jobs import JobKind
from shared.errors import TooManyJobs
from shared.store.files import exports
from shared.store.profiles import profiles
from shared.store.queue import jobs
from tests.conftest import Database, Personas
from tests.rig import supabase_like
from tests.rig.scratch import scratch

Owner = psycopg.Connection[dict[str, Any]]
Pool = ConnectionPool[WebConnection]
JOB = "insert into public.sync_jobs (user_id, profile_id, kind, priority, args) values (%s, %s, %s, %s, %s)"
IMPORT = (
    "insert into public.imports (user_id, profile_id, filenames, paths, byte_count) values (%s, %s, '{a.zip}', %s, 1)"
)


# Through the Data API


@pytest.fixture(scope="module", params=[False, True], ids=["granting nothing", "granting everything by default"])
def project(request: pytest.FixtureRequest) -> Iterator[ProjectDatabase]:
    with (
        scratch("rc") as name,
        supabase_like.server(Path(name)) as url,
        project_database(url, old_defaults=request.param) as found,
    ):
        migrate.migrate(found.owner)
        yield found


@contextmanager
def data_api(project: ProjectDatabase, role: str, user_id: UUID) -> Iterator[psycopg.Connection[Any]]:
    """A connection that is at one request's place after another; whatever a request did is undone."""
    url = make_conninfo(project.supabase, user="authenticator")
    claims = json.dumps({"role": role, "sub": str(user_id)})
    with psycopg.connect(url) as conn, conn.transaction(force_rollback=True):
        conn.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        conn.execute("select set_config('request.jwt.claims', %s, true)", (claims,))
        yield conn


def reached(conn: psycopg.Connection[Any], statement: sql.Composed) -> bool:
    """Whether the statement got further than the rights; a row that is missing or wrong counts as reached."""
    try:
        with conn.transaction():
            conn.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.Error:
        return True
    return True


TABLES = """
    select n.nspname, c.relname, array(select attname::text from pg_attribute a where a.attrelid = c.oid
        and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = '')
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'rollcall', 'supabase_migrations') and c.relkind in ('r', 'p', 'v', 'm')
"""
FUNCTIONS = """
    select oid::regproc::text, pronargs from pg_proc where prorettype <> 'trigger'::regtype
        and pronamespace in ('rollcall'::regnamespace, 'public'::regnamespace)
"""
SEQUENCES = (
    "select format('%I.%I', schemaname, sequencename) from pg_sequences where schemaname in ('public', 'rollcall')"
)
OF_A_COLUMN = ("select {c} from {t}", "update {t} set {c} = {c}", "insert into {t} ({c}) values (null)")
OF_A_TABLE = ("select from {t}", "delete from {t}", "truncate {t}")


def tries(project: ProjectDatabase) -> Iterator[sql.Composed]:
    """Every verb on every table and column, every function, every sequence, and every role of ours."""
    with psycopg.connect(project.owner) as conn:
        tables, functions, sequences = (
            conn.execute(asked.encode()).fetchall() for asked in (TABLES, FUNCTIONS, SEQUENCES)
        )
    assert len(tables) > len(migrate.tables())
    assert functions
    assert sequences
    for schema, table, columns in tables:
        name = sql.Identifier(schema, table)
        yield from (sql.SQL(verb).format(c=sql.Identifier(c), t=name) for verb in OF_A_COLUMN for c in columns)
        yield from (sql.SQL(verb).format(t=name) for verb in OF_A_TABLE)
    for function, count in functions:
        yield sql.SQL("select {}({})").format(sql.SQL(function), sql.SQL(", ").join([sql.NULL] * count))
    for (sequence,) in sequences:
        yield sql.SQL("select nextval({})").format(sql.Literal(sequence))
    for role in (roles.PERSON, roles.NOBODY, roles.WEB, roles.WORKER):
        yield sql.SQL("set local role {}").format(sql.Identifier(role))


@pytest.mark.slow
@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_the_data_api_reaches_no_table_and_no_function_of_ours(project: ProjectDatabase, role: str) -> None:
    alice = project.sign_up(f"alice-{role}-{uuid4().hex[:6]}")
    with data_api(project, role, alice) as conn:
        assert [one.as_string() for one in tries(project) if reached(conn, one)] == []


@pytest.mark.slow
def test_a_grant_that_a_later_migration_gives_to_supabases_role_is_moved(project: ProjectDatabase) -> None:
    with psycopg.connect(project.owner, autocommit=True) as conn:
        conn.execute("grant select, delete on public.alerts to authenticated")
        conn.execute("grant update (dismissed_at) on public.alerts to anon, authenticated")
        conn.execute("create function rollcall.later() returns integer language sql as 'select 1'")
        conn.execute("revoke all on function rollcall.later() from public")
        conn.execute("grant execute on function rollcall.later() to authenticated")
        conn.execute("grant usage on schema rollcall to authenticated")
        conn.execute("create policy alerts_delete on public.alerts for delete to authenticated using (user_id is null)")
        assert migrate.migrate(project.owner) == []
        held = conn.execute(
            "select has_table_privilege(r, 'public.alerts', 'select, delete'), has_any_column_privilege(r,"
            " 'public.alerts', 'update'), has_function_privilege(r, 'rollcall.later()', 'execute'),"
            " has_schema_privilege(r, 'rollcall', 'usage')"
            " from unnest(array['anon', 'authenticated', 'rollcall_person']) r"
        ).fetchall()
        policy = conn.execute("select roles from pg_policies where policyname = 'alerts_delete'").fetchone()
        conn.execute("drop function rollcall.later(); drop policy alerts_delete on public.alerts")
        conn.execute("revoke delete on public.alerts from rollcall_person")
    assert held == [(False,) * 4, (False,) * 4, (True,) * 4]
    assert policy == ([roles.PERSON],)


@pytest.mark.slow
def test_tables_of_somebody_else_in_the_project_keep_their_rights(project: ProjectDatabase) -> None:
    with psycopg.connect(project.owner, autocommit=True) as conn:
        conn.execute("create table if not exists public.of_another_program (id integer)")
        conn.execute("grant select on public.of_another_program to authenticated")
        migrate.migrate(project.owner)
        assert conn.execute(
            "select has_table_privilege('authenticated', 'public.of_another_program', 'select')"
        ).fetchone() == (True,)
        conn.execute("drop table public.of_another_program")


@pytest.mark.slow
def test_a_persons_guards_hold_on_a_project_too(project: ProjectDatabase) -> None:
    url = roles.allow_login(project.owner, roles.WEB, roles.new_password())
    fay = project.sign_up(f"fay-{uuid4().hex[:6]}")
    with web_pool(url, 2) as pool:
        with tenant(pool, fay) as conn:
            profile = profiles.find_or_add(conn, fay, "instagram", "fay.test", "UTC").id
            jobs.enqueue(conn, fay, profile, JobKind.SYNC)
        for given in ((fay, profile, "DELETE_ACCOUNT", 100, Jsonb({})), (fay, profile, "DERIVE", 0, Jsonb({}))):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), tenant(pool, fay) as conn:
                conn.execute(JOB, given)


# Through the web's own role


@pytest.fixture
def profile(people: Personas, make_profile: Callable[..., UUID]) -> UUID:
    return make_profile(people.alice)


def refused(pool: Pool, user: UUID, statement: str, values: tuple[Any, ...]) -> bool:
    try:
        with tenant(pool, user) as conn, conn.transaction(force_rollback=True):
            conn.execute(statement.encode(), values)
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.CheckViolation):
        return True
    return False


def args_of(kind: JobKind) -> dict[str, Any]:
    return {name: str(uuid4()) for name in JOB_KINDS[kind].needs}


@pytest.mark.parametrize("kind", JobKind)
def test_people_start_these_kinds_and_no_other(web_pool: Pool, people: Personas, profile: UUID, kind: JobKind) -> None:
    given = (people.alice, profile, kind, 100, Jsonb(args_of(kind)))
    assert refused(web_pool, people.alice, JOB, given) == (kind not in BY_PERSON)


@pytest.mark.parametrize("priority", [0, 1, 99, 101, 200, 1000])
def test_people_choose_no_priority(web_pool: Pool, people: Personas, profile: UUID, priority: int) -> None:
    assert refused(web_pool, people.alice, JOB, (people.alice, profile, "SYNC", priority, Jsonb({})))


@pytest.mark.parametrize(
    ("kind", "args"),
    [
        ("DERIVE", [1, 2]),
        ("DERIVE", "text"),
        ("DERIVE", 7),
        ("DERIVE", None),
        ("DERIVE", {"all": True}),
        ("SYNC", {"again": True}),
        ("SYNC", {"anything": 1}),
        ("LOGIN", {"again": True}),
        ("IMPORT", {}),
        ("IMPORT", {"import_id": "no id"}),
        ("IMPORT", {"import_id": ["x"]}),
        ("IMPORT", {"import_id": str(uuid4()), "all": "yes"}),
        ("IMPORT", {"import_id": str(uuid4()), "more": 1}),
        ("EXPORT", {}),
        ("EXPORT", {"export_id": {"a": 1}}),
        ("EXPORT", {"export_id": str(uuid4()), "path": "x"}),
    ],
)
def test_arguments_have_the_form_of_their_kind(
    web_pool: Pool, people: Personas, profile: UUID, kind: str, args: Any
) -> None:
    assert refused(web_pool, people.alice, JOB, (people.alice, profile, kind, 100, Jsonb(args)))


@pytest.mark.parametrize("args", [[1, 2], "text", None, {"all": 3}, {"export_id": 7}, {"import_id": "x"}])
def test_the_worker_too_writes_arguments_that_can_be_read(
    database: Database, people: Personas, profile: UUID, args: Any
) -> None:
    with psycopg.connect(database.worker) as conn:
        conn.execute("set role service_role")
        with pytest.raises(psycopg.errors.CheckViolation):
            conn.execute(JOB, (people.alice, profile, "DERIVE", 100, Jsonb(args)))


def test_something_sealed_belongs_to_a_login(web_pool: Pool, people: Personas, profile: UUID) -> None:
    statement = "insert into public.sync_jobs (user_id, profile_id, kind, sealed) values (%s, %s, %s, %s)"
    assert not refused(web_pool, people.alice, statement, (people.alice, profile, "LOGIN", b"x"))
    assert refused(web_pool, people.alice, statement, (people.alice, profile, "SYNC", b"x"))
    assert refused(web_pool, people.alice, statement, (people.alice, profile, "LOGIN", b"x" * 2_000_000))


def test_paths_lie_in_the_persons_own_folder(web_pool: Pool, people: Personas, profile: UUID) -> None:
    alice, bob = people.alice, people.bob
    fine = [f"data-downloads/{alice}/{uuid4()}-0.zip", f"data-downloads/{alice}/a.zip"]
    assert not refused(web_pool, alice, IMPORT, (alice, profile, fine))
    for path in (
        f"data-downloads/{bob}/a.zip",
        f"{alice}/a.zip",
        f"{bob}/list.csv",
        f"data-downloads/{alice}/../{bob}/a.zip",
        f"data-downloads/{alice}/x/a.zip",
        f"data-downloads/{alice}/.hidden",
        f"data-downloads/{alice}/",
        f"data-downloads/{alice}/a.zip\ndata-downloads/{bob}/a.zip",
        f"/data-downloads/{alice}/a.zip",
        f"data-downloads/{str(alice).upper()}/a.zip",
        "",
        None,
    ):
        assert refused(web_pool, alice, IMPORT, (alice, profile, [path])), path
        assert refused(web_pool, alice, IMPORT, (alice, profile, [fine[0], path])), path
    assert refused(web_pool, alice, IMPORT, (alice, profile, [fine[1]] * 21))


def test_an_import_or_an_export_is_tied_to_its_persons_job_alone(
    web_pool: Pool, people: Personas, profile: UUID, make_job: Callable[..., UUID], make_profile: Callable[..., UUID]
) -> None:
    foreign = make_job(people.bob, make_profile(people.bob, "bob.test"), "EXPORT")
    with tenant(web_pool, people.alice) as conn:
        conn.execute(
            "insert into public.exports (user_id, profile_id, what, format) values (%s, %s, 'media', 'csv')",
            (people.alice, profile),
        )
        conn.execute(IMPORT, (people.alice, profile, None))
    for table in ("exports", "imports"):
        assert refused(web_pool, people.alice, f"update public.{table} set job_id = %s", (foreign,))


def test_five_exports_of_a_profile_are_live_however_many_are_wished_for_at_once(
    database: Database, people: Personas, profile: UUID, owner: Owner
) -> None:
    with web_pool_of(database) as pool, ThreadPoolExecutor(12) as threads:

        def request(_: int) -> UUID | None:
            with tenant(pool, people.alice) as conn:
                return exports.create(conn, people.alice, profile, What.FOLLOWERS, Format.CSV, period="all")

        made = list(threads.map(request, range(25)))
    assert len([one for one in made if one is not None]) == exports.MOST_LIVE == 5
    live = owner.execute("select count(*) as n from sync_jobs where kind = 'EXPORT'").fetchone()
    assert live == {"n": 5}


def test_the_database_counts_exports_by_itself_however_they_come(
    database: Database, people: Personas, profile: UUID, owner: Owner
) -> None:
    def write(pool: Pool) -> bool:
        try:
            with tenant(pool, people.alice) as conn:
                conn.execute(JOB, (people.alice, profile, "EXPORT", 100, Jsonb(args_of(JobKind.EXPORT))))
        except psycopg.errors.ProgramLimitExceeded:
            return False
        return True

    with web_pool_of(database) as pool, ThreadPoolExecutor(12) as threads:
        written = list(threads.map(write, [pool] * 25))
    assert written.count(True) == 5
    live = owner.execute("select count(*) as n from sync_jobs where kind = 'EXPORT'").fetchone()
    assert live == {"n": 5}


def test_a_person_has_two_hundred_live_jobs_at_most_and_the_next_is_refused_with_a_reason(
    web_pool: Pool, people: Personas, owner: Owner, make_profile: Callable[..., UUID], profile: UUID
) -> None:
    for number in range(199):
        make_profile(people.alice, f"more.{number}")
    owner.execute(
        "insert into sync_jobs (user_id, profile_id, kind) select user_id, id, 'SYNC' from profiles where user_id = %s",
        (people.alice,),
    )
    with pytest.raises(TooManyJobs), tenant(web_pool, people.alice) as conn:
        jobs.enqueue(conn, people.alice, profile, JobKind.DERIVE)
    with tenant(web_pool, people.alice) as conn:
        assert not jobs.enqueue(conn, people.alice, profile, JobKind.SYNC)[1], "what is there already is found"
    owner.execute("update sync_jobs set state = 'CANCELLED' where profile_id = %s", (profile,))
    with tenant(web_pool, people.alice) as conn:
        assert jobs.enqueue(conn, people.alice, profile, JobKind.DERIVE)[1]


def test_many_jobs_in_one_statement_are_refused_together(
    web_pool: Pool, people: Personas, profile: UUID, owner: Owner
) -> None:
    flood = (
        "insert into public.sync_jobs (user_id, profile_id, kind, args) select %s, %s, 'EXPORT',"
        " jsonb_build_object('export_id', gen_random_uuid()) from generate_series(1, 20000)"
    )
    with pytest.raises(psycopg.errors.ProgramLimitExceeded), tenant(web_pool, people.alice) as conn:
        conn.execute(flood, (people.alice, profile))
    assert owner.execute("select count(*) as n from sync_jobs").fetchone() == {"n": 0}


@contextmanager
def web_pool_of(database: Database) -> Iterator[Pool]:
    with web_pool(database.web, 12) as pool:
        yield pool
