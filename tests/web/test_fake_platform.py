"""A platform of the tests' own goes the whole way: connected, scheduled, synced, shown and exported.

Nothing but its two halves (`tests/rig/fakegram.py`) is known to web, worker and database.
"""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg_pool import AsyncConnectionPool

from shared.db.declarations import declare
from shared.db.pools import WorkerConnection
from shared.platforms import PLATFORMS
from tests.conftest import Database, Personas
from tests.rig.fakegram import FAKEGRAM, World
from tests.web.conftest import RING, SignedInAs
from tests.web.pages import post
from tests.worker.instagram import services_for, settings_for
from worker import bootstrap
from worker.browser.pool import BrowserPool
from worker.platforms import registry
from worker.runner.loop import Worker

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
WorksUntil = Callable[[str], Awaitable[None]]
ENTERED = {"username": "@Ada", "password": "lovelace", "owned": "yes", "timezone": "UTC"}


@pytest.fixture
def world(owner: Owner, database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """Fakegram, declared to web, worker and database as `rollcall migrate` would."""
    made = World(followers=["bob", "cid", "dan", "eve", "fay"], following=["bob", "gus"])
    monkeypatch.setitem(PLATFORMS, FAKEGRAM.name, FAKEGRAM)
    monkeypatch.setattr(registry, "BUILDERS", [*registry.BUILDERS, made.client_of])
    with psycopg.connect(database.owner) as conn:
        declare(conn)
    return made


@pytest.fixture
async def works_until(
    world: World, database: Database, worker_pool: Pool, owner: Owner, tmp_path: Path
) -> AsyncIterator[WorksUntil]:
    """works_until(query) lets a worker work until the query finds a row."""
    settings = settings_for("http://127.0.0.1:9", data_dir=tmp_path)
    browser = BrowserPool(settings)
    services = services_for(worker_pool, browser, settings, RING)

    async def works(query: str) -> None:
        stop = asyncio.Event()
        async with bootstrap.control_pool(database.worker) as control, asyncio.timeout(240):
            worker = Worker(settings, database.worker, worker_pool, control, bootstrap.handlers(services), 2)
            running = asyncio.create_task(worker.run(stop))
            while owner.execute(query.encode()).fetchone() is None:
                await asyncio.sleep(0.05)
            stop.set()
            await running

    yield works
    await browser.close()


@pytest.fixture
def alice(world: World, signed_in_as: SignedInAs, people: Personas) -> FlaskClient:
    return signed_in_as(people.alice)


def done(kind: str, times: int = 1) -> str:
    return f"select from public.sync_jobs where kind = '{kind}' and state = 'COMPLETED' offset {times - 1}"


async def test_a_platform_is_connected_scheduled_synced_shown_and_exported(
    world: World, alice: FlaskClient, works_until: WorksUntil, owner: Owner
) -> None:
    assert post(alice, "/connect/fakegram", **ENTERED).status_code == 302
    await works_until(done("SYNC"))
    profile = _only(owner)
    assert (profile["platform"], profile["state"], profile["followers"]) == ("fakegram", "CONNECTED", 5)
    assert "follower by list" in world.requests
    kinds = owner.execute("select kind from public.schedules where next_at is not null").fetchall()
    assert {row["kind"] for row in kinds} == FAKEGRAM.kinds

    world.followers = ["cid", "dan", "eve", "fay", "hal"]
    owner.execute("update public.schedules set next_at = now() - interval '1 minute' where kind = 'SYNC_FOLLOWERS'")
    await works_until("select from public.sync_jobs where kind = 'SYNC_FOLLOWERS'")
    # The schedule spreads its jobs over some minutes.
    owner.execute("update public.sync_jobs set run_at = now() where kind = 'SYNC_FOLLOWERS'")
    await works_until(done("SYNC_FOLLOWERS"))
    await works_until(done("DERIVE"))
    page = alice.get(f"/profiles/{profile['id']}/followers").text
    assert "hal" in page
    assert "https://fakegram.example/@hal" in page
    assert "bob" in alice.get(f"/profiles/{profile['id']}/followers?kind=lost").text
    assert "Fakegram" in alice.get(f"/profiles/{profile['id']}/settings").text

    assert post(alice, f"/profiles/{profile['id']}/exports", what="followers", format="csv").status_code == 302
    await works_until(done("EXPORT"))
    link = re.search(r'href="([^"]*/download\?[^"]*)"', alice.get(f"/profiles/{profile['id']}/exports").text)
    assert link is not None
    with alice.get(unescape(link[1])) as file:
        text = file.get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text, newline="")))
    assert {row["username"] for row in rows} == set(world.followers)
    assert {row["profile_url"] for row in rows} == {FAKEGRAM.url_of(name) for name in world.followers}


async def test_its_errors_and_pages_name_it_and_no_other(
    world: World, alice: FlaskClient, works_until: WorksUntil, owner: Owner
) -> None:
    entered = {**ENTERED, "password": "wrong"}
    job = post(alice, "/connect/fakegram", **entered).headers["Location"]
    await works_until("select from public.sync_jobs where kind = 'LOGIN' and state = 'FAILED'")
    page = alice.get(job).text
    assert "Fakegram says that the password is wrong." in page
    assert "Instagram" not in page
    assert post(alice, "/connect/fakegram", **{**ENTERED, "username": "not a name"}).status_code == 400
    assert alice.get("/connect/nothing-of-this-name").status_code == 404


async def test_what_it_cannot_read_is_no_error_of_a_sync_and_says_so_alone(
    world: World, alice: FlaskClient, works_until: WorksUntil, owner: Owner, make_job: Callable[..., UUID]
) -> None:
    post(alice, "/connect/fakegram", **ENTERED)
    await works_until(done("SYNC"))
    assert not [asked for asked in world.requests if asked.startswith("following")]
    profile = _only(owner)
    make_job(profile["user_id"], profile["id"], "SYNC_STORIES")
    await works_until("select from public.sync_jobs where kind = 'SYNC_STORIES' and state = 'FAILED'")
    (job,) = owner.execute("select error_code from public.sync_jobs where kind = 'SYNC_STORIES'").fetchall()
    assert job == {"error_code": "not_offered"}
    assert _only(owner)["state"] == "CONNECTED"


def _only(owner: Owner) -> dict[str, Any]:
    (profile,) = owner.execute("select * from public.profiles").fetchall()
    return profile
