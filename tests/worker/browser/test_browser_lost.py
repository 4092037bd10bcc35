"""A browser on another machine, lost in the middle of a login and of a walk: both go on, and nothing is doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from sandbox.instagram.login.account import TwoFactor
from sandbox.server import Running
from shared.domain.jobs import InputRequest, JobKind
from shared.settings import Settings
from tests.conftest import Personas
from tests.said import error_said
from tests.worker.elsewhere import Machine, chromium
from tests.worker.handling import claim, connect
from tests.worker.instagram import RULES, Desk, Owner, Pool, services_for, settings_for, signed_in, stand_in
from worker.browser.pool import BrowserPool
from worker.browser.watch import Patience
from worker.jobs.sync import follow_list
from worker.platforms.base import RateLimiter, SessionSecret, SourceOpener
from worker.platforms.client import PlatformClient
from worker.platforms.instagram_web.client import opener
from worker.runner.attempt import attempt
from worker.services import Services

pytestmark = pytest.mark.slow
PATIENT, PACE = Patience(0.3, 10), timedelta(milliseconds=10)


@pytest.fixture(scope="module", autouse=True)
def found() -> None:
    """Looks for a browser before there is an event loop, in which it could not."""
    chromium()


@pytest.fixture(params=["server", "devtools"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    made = Machine(request.param, tmp_path / "profile")
    yield made
    made.stop()


@pytest.fixture
def site() -> Iterator[Running]:
    running = stand_in(TwoFactor.SMS, followers=120)
    yield running
    running.stop()


@dataclass
class Workers:
    """Parts of a worker that reads by the other machine; a new one after each loss."""

    pool: Pool
    site: Running
    first: Services | None = None
    opened: list[BrowserPool] = field(default_factory=list)

    def at(self, machine: Machine) -> Services:
        # With a pace, however short, no page is read before the one before it is kept.
        settings: Settings = settings_for(self.site.url, browser_endpoint=machine.there.endpoint, pace=PACE)
        self.opened.append(BrowserPool(settings, patience=PATIENT))
        ring = self.first.keyring if self.first else None
        made = services_for(self.pool, self.opened[-1], settings, ring)
        self.first = self.first or made
        return made


@pytest.fixture
async def workers(worker_pool: Pool, site: Running) -> AsyncIterator[Workers]:
    made = Workers(worker_pool, site)
    yield made
    for pool in made.opened:
        await pool.close()


async def test_lost_in_the_middle_of_a_login_it_asks_again(
    machine: Machine, workers: Workers, site: Running, owner: Owner, people: Personas, make_profile: Callable[..., UUID]
) -> None:
    profile = make_profile(people.alice, site.credentials.username, state="CONNECTING")
    desk = Desk(workers.at(machine), owner, people.alice, profile)
    asked: list[str] = []

    def lose(request: InputRequest) -> dict[str, str]:
        asked.append(request.method)
        machine.there.kill()
        return {"code": site.site.account.messages[-1].code}

    def answer(request: InputRequest) -> dict[str, str]:
        asked.append(request.method)
        return {"code": site.site.account.messages[-1].code}

    desk.enter(site.credentials.username, site.credentials.password)
    job = await desk.run(lose)
    assert (job["state"], job["error_code"]) == ("WAITING", "browser_failed")
    assert (job["input_request"], job["sealed"] is None) == (None, False)

    owner.execute("update public.sync_jobs set run_at = now()")
    job = await desk.run()
    assert (job["state"], job["error_code"]) == ("WAITING", "browser_away")
    assert "rollcall doctor" in error_said(job)
    assert "127.0.0.1" not in error_said(job)

    machine.start()
    desk.services = workers.at(machine)
    owner.execute("update public.sync_jobs set run_at = now()")
    job = await desk.run(answer)
    assert (job["state"], job["error_code"], job["sealed"]) == ("COMPLETED", None, None)
    assert asked == ["sms", "sms"]
    assert desk.profile()["state"] == "CONNECTED"


class Losing:
    """A source that notes what is asked, and loses its browser before the page with this number."""

    def __init__(self, source: Any, asked: list[str | None], at: int, lose: Callable[[], None]) -> None:
        self._source, self._asked, self._at, self._lose = source, asked, at, lose

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    async def people(self, direction: Any, owner: Any, username: str, cursor: str | None, *more: Any) -> Any:
        self._asked.append(cursor)
        if len(self._asked) == self._at:
            self._lose()
        return await self._source.people(direction, owner, username, cursor, *more)


@dataclass
class _Live:
    source: Any
    live: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.live, name)


def losing(open_source: SourceOpener, asked: list[str | None], at: int, lose: Callable[[], None]) -> SourceOpener:
    @asynccontextmanager
    async def open_one(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[Any]:
        async with open_source(secret, limiter) as live:
            yield _Live(Losing(live.source, asked, at, lose), live)

    return open_one


def only(open_source: SourceOpener) -> dict[str, PlatformClient]:
    """Instagram, opened this way and without a login."""
    return {"instagram": PlatformClient("instagram", {"browser": open_source})}


async def test_lost_in_the_middle_of_a_walk_it_goes_on_at_its_cursor(
    machine: Machine,
    workers: Workers,
    site: Running,
    owner: Owner,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> None:
    services = workers.at(machine)
    profile = make_profile(people.alice, site.credentials.username, external_id=site.credentials.user_id)
    await connect(workers.pool, services, people.alice, profile, await signed_in(services.browser, site))
    make_job(people.alice, profile, "SYNC_FOLLOWERS")
    asked: list[str | None] = []

    first = replace(
        services,
        platforms=only(losing(opener(services.browser, services.settings), asked, 4, machine.there.kill)),
    )
    job = await read(first, owner)
    assert (job["state"], job["error_code"], job["attempt"]) == ("WAITING", "browser_failed", 1)
    assert job["cursor"] is not None
    before = list(asked)

    machine.start()
    services = workers.at(machine)
    again: list[str | None] = []
    owner.execute("update public.sync_jobs set run_at = now()")
    job = await read(
        replace(services, platforms=only(losing(opener(services.browser, services.settings), again, 0, lambda: None))),
        owner,
    )
    assert (job["state"], job["error_code"]) == ("COMPLETED", None)
    assert again[0] is not None
    assert again[0] in before
    assert len({*before, *again}) == len(before) + len(again) - 1
    runs = owner.execute("select state, verdict, seen from public.list_runs").fetchall()
    assert [tuple(run.values()) for run in runs] == [("PUBLISHED", "whole", 120)]


async def read(services: Services, owner: Owner) -> dict[str, Any]:
    """Works on the SYNC_FOLLOWERS job to the end of this attempt."""
    ctx = await claim(services.pool, [JobKind.SYNC_FOLLOWERS])
    await attempt(ctx, partial(follow_list.run, services=services), RULES, services.pool)
    job = owner.execute("select * from public.sync_jobs where id = %s", [ctx.job.id]).fetchone()
    assert job is not None
    return job
