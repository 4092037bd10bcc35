"""A login through the real job and a real Chromium against the stand-in, and the person at its phone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg_pool import AsyncConnectionPool

from sandbox.instagram.faults import Fault, FaultKind, Where
from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.site import LoginForm
from sandbox.server import Config, Running, start
from sandbox.world.world import WorldConfig
from shared import logs
from shared.db.pools import WorkerConnection
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import InputRequest, JobKind, JobState
from shared.files.folder import FolderFiles
from shared.settings import Settings, load
from shared.store.queue import claims
from shared.vault import KeyRing, Purpose
from worker.browser.pool import BrowserPool
from worker.browser.session import BrowserSession
from worker.jobs.connect import login
from worker.platforms import registry
from worker.platforms.base import SessionSecret
from worker.runner.attempt import Rules, attempt
from worker.runner.context import Context
from worker.services import Services

Pool = AsyncConnectionPool[WorkerConnection]
Owner = psycopg.Connection[dict[str, Any]]
LEASE = timedelta(seconds=60)
RULES = Rules(RetryPolicy(timedelta(seconds=1), timedelta(seconds=2), timedelta(hours=4)), timedelta(seconds=1))
# What a person does when they are asked: an answer, or None to let it be.
Answer = Callable[[InputRequest], dict[str, str] | None]


def settings_for(url: str, **changes: Any) -> Settings:
    """Settings that read the stand-in without pauses."""
    off = {"pace": timedelta(0), "pace_jitter": timedelta(0), "requests_per_day": 0}
    given = {"instagram_base_url": url, **off, **changes}
    return load({}, **given)


def stand_in(two_factor: TwoFactor = TwoFactor.NONE, form: LoginForm = LoginForm.RENAMED, **world: Any) -> Running:
    """A small world of its own; stop it at the end."""
    world = {"followers": 60, "following": 30, "posts": 40, **world}
    return start(Config(world=WorldConfig(**world), two_factor=two_factor, login_form=form))


def trouble(site: Running, kind: FaultKind, where: Where = Where.LOGIN, status: int = 429, times: int = 1) -> None:
    site.site.faults.add(Fault(kind, where, times, status, 0))


async def signed_in(browser: BrowserPool, site: Running) -> SessionSecret:
    """A session as a login leaves it, without logging in."""
    async with browser.context(BrowserSession()) as context:
        page = await context.new_page()
        user_agent: str = await page.evaluate("navigator.userAgent")
    account = site.site.account
    values = {
        "sessionid": site.site.sessions.open(account.user_id, user_agent),
        "ds_user_id": str(account.user_id),
        "csrftoken": "c5rf",
    }
    cookies = [
        {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "expires": -1, "sameSite": "Lax"}
        | {"httpOnly": name == "sessionid", "secure": False}
        for name, value in values.items()
    ]
    fresh = json.loads(BrowserSession().to_secret().text)
    return SessionSecret(json.dumps(fresh | {"storage_state": {"cookies": cookies, "origins": []}}))


def services_for(pool: Pool, browser: BrowserPool, settings: Settings, ring: KeyRing | None = None) -> Services:
    return Services(
        settings=settings,
        pool=pool,
        keyring=ring or KeyRing.generate(datetime.now(UTC)),
        browser=browser,
        platforms=registry.clients(browser, settings),
        files=FolderFiles(settings.data_dir / "exports"),
        log=logs.get("test"),
    )


@dataclass
class Desk:
    """One person's profile, what they enter, and what became of it."""

    services: Services
    owner: Owner
    user_id: UUID
    profile_id: UUID

    def enter(self, username: str, password: str, totp_secret: str | None = None, **more: Any) -> UUID:
        """Seals what the person entered and enqueues the LOGIN job, as the web does."""
        return self.send({"username": username, "password": password, "totp_secret": totp_secret, **more})

    def send(self, entered: dict[str, Any]) -> UUID:
        """Seals this for a LOGIN job and enqueues it."""
        job_id, expires = uuid4(), datetime.now(UTC) + timedelta(minutes=15)
        sealed = self._seal(entered, Purpose.LOGIN, job_id, expires)
        self.owner.execute(
            "insert into public.sync_jobs (id, user_id, profile_id, kind, sealed, sealed_expires_at)"
            " values (%s, %s, %s, 'LOGIN', %s, %s)",
            (job_id, self.user_id, self.profile_id, sealed, expires),
        )
        return job_id

    async def run(self, *answers: Answer) -> dict[str, Any]:
        """Works on the login job to the end of this attempt; the answers are given in order, one a question."""
        async with self.services.pool.connection() as conn:
            claimed = await claims.claim(conn, "tests", LEASE, [JobKind.LOGIN], 1)
        ctx = Context(claimed[0], self.services.pool, lease=LEASE, poll=timedelta(milliseconds=50))
        person = asyncio.create_task(self._person(ctx.job.id, answers))
        try:
            await attempt(ctx, partial(login.run, services=self.services), RULES, self.services.pool)
        finally:
            person.cancel()
        return self.row("select * from public.sync_jobs where id = %s", ctx.job.id)

    def row(self, statement: str, *values: object) -> dict[str, Any]:
        found = self.owner.execute(statement.encode(), values).fetchone()
        assert found is not None
        return found

    def profile(self) -> dict[str, Any]:
        return self.row("select * from public.profiles where id = %s", self.profile_id)

    def connection(self) -> dict[str, Any]:
        return self.row("select * from public.connections where profile_id = %s", self.profile_id)

    async def _person(self, job_id: UUID, answers: Sequence[Answer]) -> None:
        for answer in answers:
            request = await self._asked(job_id)
            reply = answer(request)
            if reply is None:
                return
            sealed = self._seal(reply, Purpose.CODE, job_id, datetime.now(UTC) + timedelta(minutes=10))
            # In a thread: the row may be locked by the job, which runs in this loop and could not let it go.
            statement = "update public.sync_jobs set sealed_input = %s where id = %s"
            await asyncio.to_thread(self.owner.execute, statement, (sealed, job_id))
            await self._taken(job_id)

    async def _asked(self, job_id: UUID) -> InputRequest:
        while True:
            job = self.row("select state, input_request from public.sync_jobs where id = %s", job_id)
            if job["state"] == JobState.NEEDS_INPUT:
                return InputRequest.from_json(job["input_request"])
            await asyncio.sleep(0.02)

    async def _taken(self, job_id: UUID) -> None:
        while self.row("select sealed_input from public.sync_jobs where id = %s", job_id)["sealed_input"] is not None:
            await asyncio.sleep(0.02)

    def _seal(self, value: dict[str, Any], purpose: Purpose, job_id: UUID, expires: datetime) -> bytes:
        key = self.services.keyring.sealing_key
        text = json.dumps(value).encode()
        return key.seal(text, purpose=purpose, user_id=self.user_id, subject_id=job_id, expires_at=expires)
