"""Behind a pooler: it is told which kind it is, the web works behind any, and whoever needs a session says so."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner

from cli.ops.doctor import schema
from rollcall import main as rollcall
from shared.db.poolers import sessions_last
from shared.db.pools import tenant, web_pool
from shared.errors import ConfigError
from shared.settings import load
from tests.conftest import Database, Personas
from tests.rig.pgbouncer import pgbouncer
from web.serve import open_database
from worker import main

# Long enough on a machine with much to do, since it is waited out only where nothing is heard.
_SHORT = 2.0
MakeProfile = Callable[..., UUID]


@pytest.mark.parametrize(("mode", "last"), [("session", True), ("transaction", False), ("statement", False)])
def test_a_pooler_that_gives_sessions_away_is_told(mode: str, last: bool, database: Database) -> None:
    with pgbouncer(database, mode) as pooled:
        assert sessions_last(pooled.worker, 20 if last else _SHORT) is last


def test_without_a_pooler_sessions_last(database: Database) -> None:
    assert sessions_last(database.worker, 20)
    assert sessions_last(database.web, 20)


def test_the_port_of_supabases_transaction_pooler_needs_no_asking() -> None:
    assert not sessions_last("postgresql://postgres.ref@aws-0-eu-1.pooler.supabase.com:6543/postgres")


def names(pool: Any, user_id: UUID) -> list[str]:
    with tenant(pool, user_id) as conn:
        rows = conn.execute("select username from public.profiles order by username").fetchall()
    return [row["username"] for row in rows]


@pytest.mark.slow
def test_the_web_works_behind_a_transaction_pooler_and_keeps_everybody_apart(
    database: Database, people: Personas, make_profile: MakeProfile
) -> None:
    make_profile(people.alice, "alice.test")
    make_profile(people.bob, "bob.test")
    expected = {people.alice: ["alice.test"], people.bob: ["bob.test"], people.charlie: []}
    with (
        pgbouncer(database, "transaction") as pooled,
        open_database(load({}, database_url=pooled.web)) as pool,
        ThreadPoolExecutor(8) as threads,
    ):
        asked = [person for _ in range(60) for person in expected]
        answers = list(threads.map(lambda person: names(pool, person), asked))
        assert answers == [expected[person] for person in asked]
        with pool.connection() as conn:
            assert conn.execute("select current_user as role").fetchall() == [{"role": "rollcall_web"}]
            assert conn.execute("select count(*) as n from pg_prepared_statements").fetchall() == [{"n": 0}]


def test_prepared_statements_would_break_there(database: Database, people: Personas) -> None:
    with (
        pgbouncer(database, "transaction") as pooled,
        web_pool(pooled.web) as pool,
        ThreadPoolExecutor(8) as threads,
        pytest.raises(psycopg.errors.Error, match="prepared statement"),
    ):
        list(threads.map(lambda _: names(pool, people.alice), range(300)))


def test_on_a_session_the_web_prepares_what_it_asks_again_and_again(database: Database) -> None:
    with open_database(load({}, database_url=_url(database.web))) as pool, pool.connection() as conn:
        assert conn.prepare_threshold is not None


@pytest.mark.slow
def test_a_worker_behind_a_transaction_pooler_refuses_to_start_and_says_what_it_needs(
    database: Database, tmp_path: Path
) -> None:
    with pgbouncer(database, "transaction") as pooled:
        given = load({}, database_url=pooled.worker, data_dir=tmp_path)
        with pytest.raises(ConfigError, match="transaction pooler, and the worker needs a session") as refused:
            asyncio.run(main.serve(given, 1))
        assert "port 5432" in refused.value.message


@pytest.mark.slow
def test_migrations_refuse_too_and_the_doctor_says_what_such_an_address_is_good_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pgbouncer(database, "transaction") as pooled:
        monkeypatch.setenv("DATABASE_URL", pooled.owner)
        shown = CliRunner().invoke(rollcall, ["migrate"])
        check = schema.database(load({}, database_url=pooled.web))
    assert (shown.exit_code, "rollcall migrate` needs a session" in shown.output) == (1, True)
    assert "transaction pooler" in check.says
    assert "The worker" in check.mend


def _url(conninfo: str) -> str:
    from tests.worker.fleet import as_url

    return as_url(conninfo)
