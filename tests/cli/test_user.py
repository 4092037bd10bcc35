"""`rollcall user`: accounts made, shown and let in again from the machine that Rollcall runs on."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg_pool import ConnectionPool

from rollcall import main
from shared.db import roles
from shared.db.pools import WebConnection
from shared.db.version import newest
from shared.store.users import second_factors, sessions
from tests.conftest import REPO, Database, Personas
from web.auth.credentials import password_fault
from web.auth.identity import EmbeddedIdentity

Owner = psycopg.Connection[dict[str, Any]]
GOOD = "a heron over cold water"
BETTER = "two herons over warm water"
ALICE = "alice@example.org"


@pytest.fixture
def ran(database: Database, tmp_path: Path) -> Callable[..., Result]:
    """ran("list", typed="", DATABASE_URL=...) -> what `rollcall user list` did, its input no terminal."""

    def run(*arguments: str, typed: str | bytes = "", **env: str) -> Result:
        given = {"DATABASE_URL": address(database), "ROLLCALL_DATA_DIR": str(tmp_path), "SUPABASE_URL": "", **env}
        return CliRunner().invoke(main, ["user", *arguments], input=typed, env=given)

    return run


def address(database: Database, role: str = "postgres") -> str:
    return roles.address(database.owner, role)


def session(conn: WebConnection, account: UUID, token: bytes) -> None:
    sessions.open_session(conn, account, token, timedelta(days=1), "a browser", "192.0.2.1")


def test_a_made_account_signs_in(ran: Callable[..., Result], web_pool: ConnectionPool[WebConnection]) -> None:
    done = ran("create", " Dora@Example.org ", typed=f"{GOOD}\n")
    assert done.exit_code == 0, done.output
    assert "The account dora@example.org is made." in done.output
    assert GOOD not in done.output
    identity = EmbeddedIdentity(web_pool)
    assert identity.check("dora@example.org", GOOD) is not None
    assert identity.check("dora@example.org", BETTER) is None


@pytest.mark.parametrize("email", ["dora", "dora@", "dora@example", "d ora@example.org", "dora@exämple.org", ""])
def test_what_is_no_address_is_refused_as_on_the_page(ran: Callable[..., Result], owner: Owner, email: str) -> None:
    done = ran("create", email, typed=f"{GOOD}\n")
    assert done.exit_code == 1
    assert "This is not an e-mail address" in done.output
    assert owner.execute("select from auth.users").rowcount == 0


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "password1", "x" * 80, "alice in wonderland 7"])
def test_a_password_is_refused_with_the_sentence_of_the_page(
    ran: Callable[..., Result], owner: Owner, password: str
) -> None:
    done = ran("create", ALICE, typed=f"{password}\n")
    assert done.exit_code == 1
    assert str(password_fault(password, ALICE)) in done.output
    assert password not in done.output
    assert owner.execute("select from auth.users").rowcount == 0


@pytest.mark.parametrize(("typed", "said"), [(b"", "No password came."), (b"\xff\xfe heron heron\n", "UTF-8")])
def test_an_input_that_is_no_password_is_told(ran: Callable[..., Result], typed: bytes, said: str) -> None:
    done = ran("create", ALICE, typed=typed)
    assert done.exit_code == 1
    assert said in done.output


def test_an_address_that_is_taken_is_told_and_keeps_its_password(
    ran: Callable[..., Result], web_pool: ConnectionPool[WebConnection]
) -> None:
    ran("create", ALICE, typed=f"{GOOD}\n")
    done = ran("create", "Alice@example.org", typed=f"{BETTER}\n")
    assert done.exit_code == 1
    assert "rollcall user reset-password" in done.output
    assert EmbeddedIdentity(web_pool).check(ALICE, GOOD) is not None


def test_a_new_password_holds_and_ends_every_session_of_that_account_alone(
    ran: Callable[..., Result], people: Personas, web_pool: ConnectionPool[WebConnection], owner: Owner
) -> None:
    with web_pool.connection() as conn:
        for account, token in ((people.alice, b"1"), (people.alice, b"2"), (people.bob, b"3")):
            session(conn, account, token)
    done = ran("reset-password", "ALICE@example.org", typed=f"{GOOD}\r\n")
    assert done.exit_code == 0, done.output
    assert "2 sessions of it ended" in done.output
    assert owner.execute("select user_id from web_sessions").fetchall() == [{"user_id": people.bob}]
    entry = EmbeddedIdentity(web_pool).check(ALICE, GOOD)
    assert entry is not None
    assert entry.user_id == people.alice


def test_a_refused_new_password_changes_nothing(
    ran: Callable[..., Result], people: Personas, web_pool: ConnectionPool[WebConnection], owner: Owner
) -> None:
    with web_pool.connection() as conn:
        session(conn, people.alice, b"1")
    assert ran("reset-password", ALICE, typed="short\n").exit_code == 1
    assert owner.execute("select from web_sessions").rowcount == 1
    rows = owner.execute("select distinct encrypted_password from auth.users").fetchall()
    assert rows == [{"encrypted_password": "no login"}]


def test_a_second_factor_is_switched_off_and_the_sessions_end(
    ran: Callable[..., Result], people: Personas, web_pool: ConnectionPool[WebConnection], owner: Owner
) -> None:
    with web_pool.connection() as conn:
        for account in (people.alice, people.bob):
            second_factors.begin(conn, account, b"sealed")
            second_factors.confirm(conn, account, b"sealed", 1, [])
        session(conn, people.alice, b"1")
    assert "second factor" in ran("reset-password", ALICE, typed=f"{GOOD}\n").output
    done = ran("reset-second-factor", ALICE)
    assert done.exit_code == 0, done.output
    assert "is off" in done.output
    assert owner.execute("select user_id from second_factors").fetchall() == [{"user_id": people.bob}]
    assert owner.execute("select from web_sessions").rowcount == 0
    assert "has no second factor" in ran("reset-second-factor", ALICE).output


@pytest.mark.parametrize("command", ["reset-password", "reset-second-factor"])
def test_an_unknown_address_is_told(ran: Callable[..., Result], people: Personas, command: str) -> None:
    done = ran(command, "nobody@example.org", typed=f"{GOOD}\n")
    assert done.exit_code == 1
    assert "There is no account with this address." in done.output


def test_the_list_shows_every_account_with_what_it_has(
    ran: Callable[..., Result],
    people: Personas,
    make_profile: Callable[..., UUID],
    web_pool: ConnectionPool[WebConnection],
    owner: Owner,
) -> None:
    make_profile(people.bob, "bob.one")
    make_profile(people.bob, "bob.two")
    make_profile(people.bob, "bob.old", state="DELETING")
    with web_pool.connection() as conn:
        second_factors.begin(conn, people.alice, b"waits to be confirmed")
        second_factors.begin(conn, people.bob, b"sealed")
        second_factors.confirm(conn, people.bob, b"sealed", 1, [])
    told = ["2026-03-04 12:00Z", "ali\x9bce@example.org", people.alice]
    owner.execute("update auth.users set created_at = %s, email = %s where id = %s", told)
    owner.execute(
        "insert into email_confirmations (user_id, address, state, confirmed_at)"
        " values (%s, 'bob@example.org', 'SENT', now())",
        [people.bob],
    )
    owner.execute("insert into rollcall.account_deletions (user_id) values (%s)", [people.charlie])
    lines = [line.split() for line in ran("list").output.splitlines()]
    assert lines[0] == ["e-mail", "created", "confirmed", "second", "factor", "profiles"]
    assert ["ali?ce@example.org", "2026-03-04", "no", "no", "0"] in lines
    assert [line[2:] for line in lines if line[0] == "bob@example.org"] == [["yes", "yes", "2"]]
    assert len(lines) == 3


def test_an_empty_list_says_how_to_make_an_account(ran: Callable[..., Result]) -> None:
    assert "rollcall user create" in ran("list").output


COMMANDS = [("create", ALICE), ("list",), ("reset-password", ALICE), ("reset-second-factor", ALICE)]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: a[0])
def test_where_supabase_keeps_the_accounts_the_dashboard_is_named(
    ran: Callable[..., Result], owner: Owner, arguments: tuple[str, ...]
) -> None:
    set_so = ran(*arguments, typed=f"{GOOD}\n", SUPABASE_URL="https://abc.supabase.co")
    owner.execute("drop function rollcall.identity_create(text, text)")
    by_its_database = ran(*arguments, typed=f"{GOOD}\n")
    for done in (set_so, by_its_database):
        assert done.exit_code == 1
        assert "in the project's dashboard" in done.output


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda a: a[0])
@pytest.mark.parametrize("role", [roles.WEB, roles.WORKER])
def test_the_roles_of_web_and_worker_may_do_none_of_it(
    ran: Callable[..., Result], database: Database, people: Personas, arguments: tuple[str, ...], role: str
) -> None:
    done = ran(*arguments, typed=f"{GOOD}\n", DATABASE_URL=address(database, role))
    assert done.exit_code == 1
    assert "Give this command the owner's address" in done.output


def test_without_a_database_the_first_start_is_named(ran: Callable[..., Result], tmp_path: Path) -> None:
    done = ran("list", DATABASE_URL="")
    assert done.exit_code == 1
    assert "There is no database yet." in done.output
    assert list(tmp_path.iterdir()) == []


def test_an_older_schema_is_told(ran: Callable[..., Result], owner: Owner) -> None:
    owner.execute("delete from supabase_migrations.schema_migrations where version = %s", [newest()])
    assert "Run `rollcall migrate` first." in ran("list").output


def test_at_a_terminal_the_password_is_asked_for_twice_and_never_shown(
    database: Database, web_pool: ConnectionPool[WebConnection], tmp_path: Path
) -> None:
    """A wrong second time and a password that the rules refuse are asked for again."""
    shown = _at_a_terminal(
        ["user", "create", ALICE],
        [("New password", "short"), ("New password", GOOD), ("again", BETTER), ("New password", GOOD), ("again", GOOD)],
        {"DATABASE_URL": address(database), "ROLLCALL_DATA_DIR": str(tmp_path)},
    )
    assert "Use at least 8 characters." in shown
    assert "not the same" in shown
    assert "is made" in shown
    assert GOOD not in shown
    assert EmbeddedIdentity(web_pool).check(ALICE, GOOD) is not None


def _at_a_terminal(arguments: list[str], answers: list[tuple[str, str]], env: dict[str, str]) -> str:
    """All that a terminal shows while each question is answered in its turn."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(REPO / "rollcall.py"), *arguments],
        env={**{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}, **env},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, waiting = "", list(answers)
    since = 0
    while True:
        try:
            read = os.read(ours, 4096)
        except OSError:  # Linux says so when the other side is closed.
            break
        if not read:
            break
        shown += read.decode()
        if waiting and waiting[0][0] in shown[since:]:
            since = len(shown)
            os.write(ours, f"{waiting.pop(0)[1]}\n".encode())
    process.wait()
    os.close(ours)
    return shown
