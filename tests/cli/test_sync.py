"""`rollcall sync` with a real database: it enqueues, waits when it is told to, and says what became of each sync."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool

from cli.main import main
from cli.sync import sync_profiles
from shared.db.pools import WorkerConnection
from shared.errors import InputError, SiteFailed
from tests.conftest import Database, Personas
from tests.worker.handling import claim
from tests.worker.instagram import RULES
from worker.jobs.base import JobContext
from worker.runner.attempt import attempt

Owner = psycopg.Connection[dict[str, Any]]
Make = Callable[..., UUID]
Pool = AsyncConnectionPool[WorkerConnection]
POLL = timedelta(seconds=0.05)


@pytest.fixture
def connected(make_profile: Make, make_connection: Make) -> Make:
    """connected(user_id, username, state="ACTIVE", **columns) -> the id of a profile whose connection has these."""

    def make(user_id: UUID, username: str, state: str = "ACTIVE", **columns: Any) -> UUID:
        profile = make_profile(user_id, username)
        make_connection(profile, state, **columns)
        return profile

    return make


def enqueued(owner: Owner) -> list[UUID]:
    rows = owner.execute("select profile_id from sync_jobs where kind = 'SYNC' order by seq").fetchall()
    return [row["profile_id"] for row in rows]


def test_the_command_starts_a_sync_of_the_only_profile(
    database: Database, owner: Owner, people: Personas, connected: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = connected(people.alice, "ann.test")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///?" + urlencode(conninfo_to_dict(database.owner)))
    for said in ("@ann.test: the sync is in the queue.\n", "@ann.test: a sync is already in the queue or running.\n"):
        done = CliRunner().invoke(main, ["sync"])
        assert (done.exit_code, done.output) == (0, said)
    assert enqueued(owner) == [profile]


def test_one_profile_and_all_of_them_are_not_asked_for_together() -> None:
    done = CliRunner().invoke(main, ["sync", "--all", "--profile", str(uuid4())])
    assert done.exit_code == 2
    assert "Choose one" in done.output


async def test_where_there_are_several_one_is_chosen_by_its_id(
    database: Database, owner: Owner, people: Personas, connected: Make
) -> None:
    one, other = connected(people.alice, "ann.test"), connected(people.bob, "ben.test")
    start = partial(sync_profiles, database.worker, poll=None, say=lambda _: None)
    with pytest.raises(InputError, match="several") as met:
        await start(profile_id=None, everything=False)
    assert f"{one}  @ann.test" in met.value.message
    assert f"{other}  @ben.test" in met.value.message
    assert enqueued(owner) == []
    with pytest.raises(InputError, match="no such profile"):
        await start(profile_id=uuid4(), everything=False)
    assert await start(profile_id=other, everything=False)
    assert enqueued(owner) == [other]


async def test_all_are_those_that_have_a_session(
    database: Database, owner: Owner, people: Personas, connected: Make, make_profile: Make
) -> None:
    first, second = connected(people.alice, "ann.test"), connected(people.bob, "ben.test")
    connected(people.alice, "cid.test", "EXPIRED", state_code="session_dead")
    make_profile(people.alice, "download.only")
    said: list[str] = []
    assert await sync_profiles(database.worker, None, True, None, said.append)
    assert enqueued(owner) == [first, second]
    assert [line.partition(":")[0] for line in said] == ["@ann.test", "@ben.test"]


async def test_a_profile_that_cannot_be_synced_says_why(
    database: Database, owner: Owner, people: Personas, connected: Make
) -> None:
    with pytest.raises(InputError, match="no profile yet"):
        await sync_profiles(database.worker, None, False, None, print)
    with pytest.raises(InputError, match="No profile is connected"):
        await sync_profiles(database.worker, None, True, None, print)
    connected(people.alice, "cid.test", "EXPIRED", state_code="session_dead")
    with pytest.raises(InputError, match=r"cannot be synced\. Instagram has ended the session"):
        await sync_profiles(database.worker, None, False, None, print)
    assert enqueued(owner) == []


async def test_in_a_cool_down_it_says_when_the_sync_begins(
    database: Database, people: Personas, connected: Make
) -> None:
    until = datetime(2126, 11, 20, 8, 30, tzinfo=UTC)
    connected(people.alice, "ann.test", cooldown_until=until)
    said: list[str] = []
    assert await sync_profiles(database.worker, None, False, None, said.append)
    assert said[1] == "@ann.test: in a cool-down; the sync begins after 2126-11-20 08:30 UTC."


async def test_waiting_ends_with_the_syncs_and_tells_how_each_ended(
    database: Database, worker_pool: Pool, people: Personas, connected: Make
) -> None:
    connected(people.alice, "ann.test")
    connected(people.bob, "ben.test")
    said: list[str] = []
    waiting = asyncio.create_task(sync_profiles(database.worker, None, True, POLL, said.append))
    while len(said) < 2:
        await asyncio.sleep(0.01)

    async def goes_well(ctx: JobContext) -> None:
        return

    async def fails(ctx: JobContext) -> None:
        raise InputError("The page was gone.")

    for handler in (goes_well, fails):
        await attempt(await claim(worker_pool), handler, RULES, worker_pool)
    assert await waiting is False
    assert sorted(said[2:]) == ["@ann.test: synced.", "@ben.test: The page was gone."]


async def test_a_sync_that_is_tried_again_is_waited_for(
    database: Database, owner: Owner, worker_pool: Pool, people: Personas, connected: Make
) -> None:
    connected(people.alice, "ann.test")
    said: list[str] = []
    waiting = asyncio.create_task(sync_profiles(database.worker, None, False, POLL, said.append))
    while not said:
        await asyncio.sleep(0.01)
    errors = iter([SiteFailed()])

    async def once_in_vain(ctx: JobContext) -> None:
        if (error := next(errors, None)) is not None:
            raise error

    for _ in range(2):
        await attempt(await claim(worker_pool), once_in_vain, RULES, worker_pool)
        owner.execute("update sync_jobs set run_at = now() where state = 'WAITING'")
    assert await waiting is True
    assert said[1:] == ["@ann.test: synced."]
