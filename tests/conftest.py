"""A real PostgreSQL for the tests: one server a run, a template made by the real migrations, a fresh copy a test."""

import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import hypothesis
import psycopg
import pytest
import structlog
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from playwright.sync_api import expect
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db import pools, roles
from shared.db.embedded import embedded_database
from shared.db.migrate import migrate
from shared.domain.schedules import KindSchedule
from tests.reliability.parts import part_of
from tests.rig.scratch import scratch

# A slow machine is no failure: tests never assert a duration, and neither does Hypothesis for them. Nor is chance: each
# run tries the same values, and `--hypothesis-profile=explore` looks for others, many times as many.
_PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("rollcall", derandomize=True, **_PATIENT)
hypothesis.settings.register_profile("explore", max_examples=2000, **_PATIENT)
hypothesis.settings.load_profile("rollcall")

# Nor does an expectation of a page: what it waits for comes when it comes.
expect.set_options(timeout=120_000)

# These tests have an environment of their own: bin/test --foreign.
collect_ignore = ["foreign"]

REPO = Path(__file__).resolve().parents[1]
FIXTURES = REPO.parent / "shared" / "fixtures" / "instagram"


_TEMPORARY = "PYTEST_DEBUG_TEMPROOT"
_OWN_FOLDER, _FAILED = pytest.StashKey[str](), pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Gives each run temporary files of its own.

    pytest closes its one folder to all other users at the start of each run, and a database started by root runs as
    another user: a second run would take the files from the databases of the first.
    """
    if not hasattr(config, "workerinput") and _TEMPORARY not in os.environ and not config.option.basetemp:
        folder = tempfile.mkdtemp(prefix="rt")
        os.environ[_TEMPORARY] = folder
        config.stash[_OWN_FOLDER] = folder
    _compile_templates_once()


def _compile_templates_once() -> None:
    """Lets the applications of all processes of a run share the compiled templates: half the time of a page's test."""
    if (folder := os.environ.get(_TEMPORARY)) is not None:
        compiled = Path(folder) / "templates"
        compiled.mkdir(mode=0o700, exist_ok=True)
        Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(compiled))}


def pytest_unconfigure(config: pytest.Config) -> None:
    """Removes them, unless a test failed."""
    folder = config.stash.get(_OWN_FOLDER, None)
    if folder is not None:
        os.environ.pop(_TEMPORARY)
        if not config.stash.get(_FAILED, False):
            shutil.rmtree(folder, ignore_errors=True)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_FAILED] = exitstatus != pytest.ExitCode.OK


# The files that take longest: what begins last should be short.
_FIRST = ("test_matrix", "test_demo", "test_pages", "test_axe", "test_house", "test_login", "test_login_doors")


def share(nodeid: str) -> str:
    """What one process runs as a whole: a file, so that its fixtures are made once, or a share of a long one."""
    file = nodeid.partition("::")[0]
    match Path(file).stem:
        case "test_matrix":
            return f"{file}::{part_of(nodeid)}"
        case "test_demo":
            return nodeid
    return file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Takes the place of the scheduler that `--dist` names."""
    scheduler = import_module("xdist.scheduler").LoadScopeScheduling(config, log)
    scheduler._split_scope = share
    return scheduler


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first, then those that have slow tests."""
    slow = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("matrix")}

    def place(item: pytest.Item) -> tuple[int, bool]:
        name = item.path.stem
        return (_FIRST.index(name) if name in _FIRST else len(_FIRST), item.path not in slow)

    items.sort(key=place)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the worker does."""
    return "asyncio"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """A command that a test runs in this process sets up its log; the next test finds none."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()
        root.handlers[:] = handlers
        root.setLevel(level)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The owner's address of a server that lives as long as this test process."""
    folder = scratch("rc")
    with folder as name, embedded_database(Path(name), durable=False) as url:
        yield url


@pytest.fixture(scope="session")
def template(postgres: str) -> str:
    """The name of a database with every migration applied; no one connects to it."""
    with psycopg.connect(postgres, autocommit=True) as conn:
        conn.execute("create database rollcall_template")
    url = make_conninfo(postgres, dbname="rollcall_template")
    migrate(url)
    roles.allow_login(url, roles.WEB)
    roles.allow_login(url, roles.WORKER)
    return "rollcall_template"


@dataclass(frozen=True)
class Database:
    """Addresses of one fresh database: for its owner, the web and the worker."""

    owner: str
    web: str
    worker: str


@pytest.fixture
def database(postgres: str, template: str) -> Iterator[Database]:
    name = f"t_{uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as conn:
        copied = sql.SQL("create database {} template {} strategy file_copy")
        conn.execute(copied.format(sql.Identifier(name), sql.Identifier(template)))
        url = make_conninfo(postgres, dbname=name)
        yield Database(url, make_conninfo(url, user=roles.WEB), make_conninfo(url, user=roles.WORKER))
        conn.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """An autocommit connection that sees everything; for arranging and checking, never for what is tested.

    A statement that waits in an async test for a row of a task in the same loop waits for itself, so it ends with an
    error; `asyncio.to_thread` is the way out.
    """
    with psycopg.connect(database.owner, autocommit=True, row_factory=dict_row, options="-c lock_timeout=120s") as conn:
        yield conn


@pytest.fixture
def web_pool(database: Database) -> Iterator[ConnectionPool[pools.WebConnection]]:
    with pools.web_pool(database.web, 4) as pool:
        yield pool


@pytest.fixture
async def worker_pool(database: Database) -> AsyncIterator[AsyncConnectionPool[pools.WorkerConnection]]:
    async with pools.worker_pool(database.worker, 6) as pool:
        yield pool


@dataclass(frozen=True)
class Personas:
    """Alice owns, Bob is another user with data of his own, Charlie must see nothing."""

    alice: UUID
    bob: UUID
    charlie: UUID


@pytest.fixture
def people(owner: psycopg.Connection[dict[str, Any]]) -> Personas:
    def make(name: str) -> UUID:
        row = owner.execute(
            "insert into auth.users (email, encrypted_password) values (%s, 'no login') returning id",
            (f"{name}@example.org",),
        ).fetchone()
        assert row is not None
        made: UUID = row["id"]
        return made

    return Personas(make("alice"), make("bob"), make("charlie"))


@pytest.fixture
def make_profile(owner: psycopg.Connection[dict[str, Any]]) -> Callable[..., UUID]:
    """make_profile(user_id, username="alice.test", due=…, every=…, **columns) -> profile id.

    `due` says when kinds of jobs are due next, `every` how often a person chose to have them.
    """

    def make(
        user_id: UUID,
        username: str = "alice.test",
        *,
        due: Mapping[str, datetime] | None = None,
        every: Mapping[str, timedelta] | None = None,
        **columns: Any,
    ) -> UUID:
        values = {"user_id": user_id, "platform": "instagram", "username": username, "state": "CONNECTED", **columns}
        statement = sql.SQL("insert into public.profiles ({}) values ({}) returning id").format(
            sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(sql.Placeholder() * len(values))
        )
        row = owner.execute(statement, list(values.values())).fetchone()
        assert row is not None
        made: UUID = row["id"]
        schedule = "update public.schedules set {} where profile_id = %s and kind = %s"
        for kind, at in (due or {}).items():
            owner.execute(schedule.format("next_at = %s"), (at, made, kind))
        for kind, length in (every or {}).items():
            owner.execute(schedule.format("every = %s, is_automatic = false"), (length, made, kind))
        return made

    return make


@pytest.fixture
def second_way_in(owner: psycopg.Connection[dict[str, Any]]) -> str:
    """A way in that Instagram has for this test besides those that it declares."""
    owner.execute("update rollcall.platforms set ways_in = ways_in || '{instagram_login}' where name = 'instagram'")
    return "instagram_login"


@pytest.fixture
def make_connection(owner: psycopg.Connection[dict[str, Any]]) -> Callable[..., UUID]:
    """make_connection(profile id, state="ACTIVE", **columns) -> connection id; the profile's state follows it."""

    def make(profile_id: UUID, state: str = "ACTIVE", **columns: Any) -> UUID:
        values = {"method": "browser", "state": state, **columns}
        if state == "COOLING_DOWN":
            values = {"state_after": "ACTIVE", **values}
        statement = sql.SQL(
            "insert into public.connections (user_id, profile_id, {}) select user_id, id, {} from public.profiles"
            " where id = %s returning id"
        ).format(sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(sql.Placeholder() * len(values)))
        row = owner.execute(statement, [*values.values(), profile_id]).fetchone()
        assert row is not None
        made: UUID = row["id"]
        return made

    return make


@pytest.fixture
def schedules(owner: psycopg.Connection[dict[str, Any]]) -> Callable[[UUID], dict[str, KindSchedule]]:
    """schedules(profile id) -> what is stored of each kind."""

    def found(profile_id: UUID) -> dict[str, KindSchedule]:
        rows = owner.execute(
            "select kind, every, next_at, is_automatic from public.schedules where profile_id = %s", (profile_id,)
        )
        return {row["kind"]: KindSchedule(row["every"], row["next_at"], row["is_automatic"]) for row in rows}

    return found


@pytest.fixture
def make_job(owner: psycopg.Connection[dict[str, Any]]) -> Callable[..., UUID]:
    """make_job(user_id, profile_id, kind, **columns) -> job id, PENDING unless told otherwise."""

    def make(user_id: UUID, profile_id: UUID | None, kind: str, **columns: Any) -> UUID:
        values = {"user_id": user_id, "profile_id": profile_id, "kind": kind, **columns}
        statement = sql.SQL("insert into public.sync_jobs ({}) values ({}) returning id").format(
            sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(sql.Placeholder() * len(values))
        )
        row = owner.execute(statement, list(values.values())).fetchone()
        assert row is not None
        made: UUID = row["id"]
        return made

    return make


@pytest.fixture(scope="session")
def instagram_fixtures() -> Path:
    """The recorded answers; tests that need them are skipped where they are absent."""
    if not FIXTURES.is_dir():
        pytest.skip("the recorded answers of ../shared/fixtures are not on this machine")
    return FIXTURES
