"""`rollcall doctor --hosted`: each usual mistake, really made, is found and said with what mends it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from storage3.exceptions import StorageApiError

from cli.ops.doctor import database as doctor_database
from cli.ops.doctor import supabase
from cli.ops.doctor.check import Check
from cli.ops.doctor.supabase import Key
from rollcall import main
from sandbox.supabase.auth_state import AuthConfig
from sandbox.supabase.project import KeyKind, Project
from sandbox.supabase.server import Running, start
from shared.db import roles
from shared.db.migrate import migrate
from shared.errors import FilesRefused
from shared.settings import Settings, load
from tests.conftest import Database
from tests.rig.hosted import Hosted, serving
from tests.rig.pooler import pooling

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture(params=list(KeyKind))
def hosted(request: pytest.FixtureRequest) -> Iterator[Hosted]:
    with serving(request.param) as found:
        yield found


def settings(hosted: Hosted, **changes: str | None) -> Settings:
    project = hosted.project
    given = {
        "SUPABASE_URL": project.url,
        "SUPABASE_PUBLISHABLE_KEY": project.publishable_key,
        "SUPABASE_SECRET_KEY": project.secret_key,
    }
    return load(given, **changes)


@pytest.fixture
def conn(database: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database.owner, autocommit=True) as found:
        yield found


def test_keys_are_told_apart_by_their_looks() -> None:
    for kind, expected in (
        (KeyKind.NEW, (Key.WEB, Key.WORKER)),
        (KeyKind.LEGACY, (Key.LEGACY_WEB, Key.LEGACY_WORKER)),
    ):
        project = Project(kind)
        found = supabase.key_kind(project.publishable_key), supabase.key_kind(project.secret_key)
        assert found == expected
    assert supabase.key_kind("hello") is Key.UNKNOWN


def test_the_right_keys_are_well_and_legacy_ones_get_advice(hosted: Hosted) -> None:
    for check in (supabase.publishable_key(settings(hosted)), supabase.secret_key(settings(hosted))):
        assert check.ok, check
        assert ("Legacy keys end" in check.mend) == (hosted.project.kind is KeyKind.LEGACY)


def test_keys_in_each_others_place_are_found(hosted: Hosted) -> None:
    project = hosted.project
    swapped = settings(hosted, supabase_publishable_key=project.secret_key, supabase_secret_key=project.publishable_key)
    web, worker = supabase.publishable_key(swapped), supabase.secret_key(swapped)
    assert (web.ok, worker.ok) == (False, False)
    assert "replace the secret one" in web.mend
    assert "may write no file" in worker.mend
    assert project.secret_key not in web.says + web.mend
    assert supabase.buckets(swapped).says == "cannot be looked at"
    with pytest.raises(FilesRefused):
        supabase.make_buckets(replace(swapped, supabase_secret_key="sb_secret_of_another"))


def test_a_key_of_another_project_or_none_at_all_is_found(hosted: Hosted) -> None:
    other = Project(hosted.project.kind)
    foreign = supabase.secret_key(settings(hosted, supabase_secret_key=other.secret_key))
    assert (foreign.ok, "not a key of the project" in foreign.says) == (False, True)
    assert "no key of Supabase's" in supabase.publishable_key(settings(hosted, supabase_publishable_key="x")).says
    alone = settings(hosted, supabase_secret_key=None)
    assert supabase.secret_key(alone).ok
    assert not supabase.secret_key(replace(alone, supabase_publishable_key=None)).ok


def test_a_project_that_does_not_answer_is_found(hosted: Hosted) -> None:
    away = settings(hosted, supabase_url="http://127.0.0.1:1")
    assert "does not answer" in supabase.secret_key(away).says
    assert not supabase.buckets(away).ok
    assert not supabase.supabase_clock(away).ok


def test_a_bucket_without_limits_is_found_mended_and_then_refuses_what_is_no_data_download(hosted: Hosted) -> None:
    given = settings(hosted)
    for bucket in hosted.shelf.buckets.values():
        hosted.shelf.buckets[bucket.id] = replace(bucket, file_size_limit=None, allowed_mime_types=None)
    assert supabase.buckets(given).says == "exports takes files of any kind; imports takes files of any kind"
    done = supabase.make_buckets(replace(given, data_download_max_mb=1))
    assert done == ["set the limits of the bucket exports", "set the limits of the bucket imports"]
    box = hosted.client().storage.from_("imports")
    with pytest.raises(StorageApiError, match="text/html is not supported"):
        box.upload("a/evil.html", b"<script>", {"content-type": "text/html"})
    with pytest.raises(StorageApiError, match="exceeded the maximum"):
        box.upload("a/a.zip", b"x" * (1024**2 + 1), {"content-type": "application/octet-stream"})
    box.upload("a/a.zip", b"x", {"content-type": "application/octet-stream"})


def test_a_missing_or_public_bucket_is_found_and_mended(hosted: Hosted) -> None:
    given = settings(hosted)
    supabase.make_buckets(given)
    assert supabase.buckets(given).ok
    del hosted.shelf.buckets["imports"]
    hosted.client().storage.update_bucket("exports", {"public": True})
    found = supabase.buckets(given)
    assert (found.ok, found.says) == (False, "exports is public; imports is missing")
    assert "--mend" in found.mend
    done = supabase.make_buckets(given)
    assert done == ["closed the bucket exports to the public", "made the bucket imports"]
    assert supabase.buckets(given).ok
    assert supabase.make_buckets(given) == []
    larger = replace(given, data_download_max_mb=given.data_download_max_mb + 1)
    assert supabase.buckets(larger).says == "imports takes 2,048 MB at most, and 2,049 are needed"
    assert supabase.make_buckets(larger) == ["set the limits of the bucket imports"]
    assert supabase.buckets(larger).ok
    assert "takes SUPABASE_SECRET_KEY" in supabase.buckets(replace(given, supabase_secret_key=None)).says


def test_a_clock_that_is_not_supabases_is_found(hosted: Hosted) -> None:
    assert supabase.supabase_clock(settings(hosted)).ok
    hosted.project.advance(timedelta(minutes=2))
    found = supabase.supabase_clock(settings(hosted))
    assert not found.ok
    assert "behind Supabase's" in found.says
    assert "NTP" in found.mend


def test_a_clock_that_is_not_the_databases_is_found(conn: psycopg.Connection[Any]) -> None:
    assert doctor_database.clock(conn).ok
    found = doctor_database.clock(conn, lambda: datetime.now(UTC) + timedelta(seconds=40))
    assert (found.ok, "ahead of the database's" in found.says) == (False, True)


def test_a_database_as_it_should_be_is_well_in_everything(conn: psycopg.Connection[Any]) -> None:
    found = {name: check(conn) for name, check in doctor_database.CHECKS.items()}
    assert [name for name, check in found.items() if not check.ok] == []


def _after(conn: psycopg.Connection[Any], statement: str, name: str) -> Check:
    """What a check says once the mistake is made; afterwards it is undone."""
    with conn.transaction(force_rollback=True):
        conn.execute(statement.encode())
        return doctor_database.CHECKS[name](conn)


@pytest.mark.parametrize(
    ("name", "mistake", "says", "mend"),
    [
        ("roles", "alter role rollcall_web rename to gone", "rollcall_web is missing", "rollcall migrate"),
        ("roles", "alter role rollcall_worker nologin", "rollcall_worker may not sign in", "rollcall roles"),
        ("roles", "revoke service_role from rollcall_worker", "rollcall_worker is not a member", "rollcall migrate"),
        (
            "grants",
            "revoke all on public.media from service_role",
            "insert on media to service_role",
            "grant insert on public.media to service_role",
        ),
        (
            "grants",
            "revoke select on public.exports from rollcall_person",
            "missing: select on exports to rollcall_person",
            "grant select on public.exports to rollcall_person;",
        ),
        (
            "data api",
            "grant select on public.exports to authenticated",
            "anon or authenticated may use exports; which schemas it serves is not said",
            "rollcall migrate",
        ),
        (
            "data api",
            "grant update (dismissed_at) on public.alerts to anon",
            "anon or authenticated may use alerts",
            "rollcall migrate",
        ),
        (
            "data api",
            "grant execute on function rollcall.delete_account() to authenticated",
            "anon or authenticated may use rollcall.delete_account()",
            "rollcall migrate",
        ),
        (
            "data api",
            "grant rollcall_person to authenticated",
            "rollcall_person, because authenticated is a member of it",
            "rollcall migrate",
        ),
        (
            "row security",
            "alter table public.people disable row level security",
            "switched off on people",
            "alter table public.people enable row level security;",
        ),
        (
            "row security",
            "grant service_role to rollcall_web",
            "gets past it as service_role",
            "revoke service_role from rollcall_web",
        ),
        (
            "migrations",
            "delete from supabase_migrations.schema_migrations where version >= '20261201000008'",
            "missing, the first is 20261201000008",
            "rollcall migrate",
        ),
        (
            "storage policies",
            "create table storage.objects (bucket_id text, name text)",
            "rollcall_exports_select",
            "rollcall migrate",
        ),
    ],
)
def test_each_mistake_in_the_database_is_found_and_mended(
    conn: psycopg.Connection[Any], name: str, mistake: str, says: str, mend: str
) -> None:
    found = _after(conn, mistake, name)
    assert not found.ok
    assert says in found.says
    assert mend in found.mend
    assert doctor_database.CHECKS[name](conn).ok


def test_tables_that_are_not_there_are_not_called_well(conn: psycopg.Connection[Any]) -> None:
    for name in ("grants", "row security"):
        found = _after(conn, "drop table public.alerts cascade", name)
        assert (found.ok, found.says) == (False, "tables that are missing: 1")
        assert "rollcall migrate" in found.mend


def test_what_a_missing_grant_is_mended_by_mends_it(conn: psycopg.Connection[Any]) -> None:
    conn.execute("revoke delete on public.exports from rollcall_person")
    found = doctor_database.grants(conn)
    conn.execute(found.mend.removeprefix("As the owner: ").encode())
    assert doctor_database.grants(conn).ok


def test_the_policies_that_are_looked_for_are_those_that_are_made(
    conn: psycopg.Connection[Any], database: Database
) -> None:
    conn.execute("create table storage.buckets (id text primary key, name text, public boolean)")
    conn.execute("create table storage.objects (bucket_id text, name text)")
    conn.execute("create function storage.foldername(text) returns text[] language sql as $$ select array[$1] $$")
    assert not doctor_database.policies(conn).ok
    migrate(database.owner)
    assert doctor_database.policies(conn).ok
    made = conn.execute("select policyname from pg_policies where schemaname = 'storage'").fetchall()
    assert sorted(made) == [(name,) for name in doctor_database.POLICIES]


def test_the_webs_and_the_workers_own_logins_can_look_too(database: Database) -> None:
    for url, who in ((database.web, "the web's role"), (database.worker, "the worker's role")):
        with psycopg.connect(url, autocommit=True) as conn:
            found = {name: check(conn) for name, check in doctor_database.CHECKS.items()}
        assert [check for check in found.values() if not check.ok] == []
        assert who in found["login"].says
        assert "takes the owner's" in found["migrations"].says


def test_a_transaction_pooler_is_no_place_for_the_worker_and_good_enough_for_the_web(database: Database) -> None:
    parts = conninfo_to_dict(database.worker)
    with pooling(str(parts["host"])) as pooler:
        for url, ok in ((database.worker, False), (database.web, True)):
            through = make_conninfo(url, host="127.0.0.1", port=pooler.port, sslmode="disable")
            with psycopg.connect(through, autocommit=True, prepare_threshold=None) as conn:
                found = doctor_database.pooler(conn)
            assert (found.ok, "transaction pooler" in found.says) == (ok, True)
        assert pooler.lent > 2
    with psycopg.connect(database.worker, autocommit=True) as conn:
        assert doctor_database.pooler(conn).ok


def test_a_database_that_is_away_is_said_once(hosted: Hosted) -> None:
    away = settings(hosted, database_url="postgresql://me:canary@127.0.0.1:1/none")
    found = supabase.checks(away)
    check = found["login"]()
    assert (check.ok, "pooler" in found) == (False, False)
    assert "canary" not in check.says
    assert not supabase.checks(settings(hosted))["login"]().ok


def test_the_command_says_it_all_and_ends_as_it_should(
    hosted: Hosted, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("DATABASE_URL", roles.address(database.worker, roles.WORKER)),
        ("SUPABASE_URL", hosted.project.url),
        ("SUPABASE_SECRET_KEY", hosted.project.secret_key),
        ("PORT", "0"),
        ("INSTAGRAM_BASE_URL", "http://127.0.0.1:1"),
    ):
        monkeypatch.setenv(name, value)
    del hosted.shelf.buckets["exports"]
    told = CliRunner().invoke(main, ["doctor", "--hosted"])
    assert told.exit_code == 1
    assert "MISSING    buckets          exports is missing" in told.output
    mended = CliRunner().invoke(main, ["doctor", "--hosted", "--mend"])
    assert "mended     made the bucket exports" in mended.output
    assert "ok         buckets" in mended.output
    assert "ok         pooler" in mended.output


@pytest.fixture(params=list(KeyKind))
def auth(request: pytest.FixtureRequest) -> Iterator[Running]:
    running = start(Project(request.param), AuthConfig())
    yield running
    running.stop()


def _auth_settings(auth: Running, **changes: object) -> Settings:
    given = {"SUPABASE_URL": auth.url, "SUPABASE_PUBLISHABLE_KEY": auth.project.publishable_key}
    return load(given, **changes)


def test_switches_of_auth_that_differ_from_ours_are_found(auth: Running) -> None:
    assert supabase.sign_in_settings(_auth_settings(auth)).ok
    closed = supabase.sign_in_settings(_auth_settings(auth, signup_open=False))
    assert (closed.ok, "takes sign-ups from whoever has the publishable key" in closed.says) == (False, True)
    auth.auth.config = replace(auth.auth.config, signup_open=False)
    assert supabase.sign_in_settings(_auth_settings(auth, signup_open=False)).ok
    assert "takes no sign-ups" in supabase.sign_in_settings(_auth_settings(auth)).says
    auth.auth.config = AuthConfig(autoconfirm=True, providers=frozenset({"google", "anonymous_users"}))
    says = supabase.sign_in_settings(_auth_settings(auth)).says
    for words in ("not confirmed by mail", "anonymous_users, google", "e-mail and password is off"):
        assert words in says
    auth.auth.away = True
    assert not supabase.sign_in_settings(_auth_settings(auth)).ok


def test_which_keys_sign_is_said_and_a_missing_or_wrong_secret_is_found(auth: Running) -> None:
    project = auth.project
    alone = supabase.signing_keys(_auth_settings(auth))
    given = supabase.signing_keys(_auth_settings(auth, supabase_jwt_secret=project.jwt_secret))
    assert given.ok
    if project.kind is KeyKind.NEW:
        assert (alone.ok, "ES256" in alone.says) == (True, True)
        return
    assert (alone.ok, "SUPABASE_JWT_SECRET is not set" in alone.says) == (False, True)
    wrong = supabase.signing_keys(_auth_settings(auth, supabase_jwt_secret="w" * 40))
    assert (wrong.ok, "not this project" in wrong.says) == (False, True)
    project.stand_by()
    stands_by = supabase.signing_keys(_auth_settings(auth))
    assert "stands by" in stands_by.mend
    both = supabase.signing_keys(_auth_settings(auth, supabase_jwt_secret=project.jwt_secret))
    assert "tokens of both are taken" in both.says
