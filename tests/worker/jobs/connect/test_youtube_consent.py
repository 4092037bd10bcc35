"""A YouTube channel is connected by Google's consent and synced, by the real handlers over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.vault import Purpose
from tests.conftest import Personas
from tests.rig.tiny_google import CHANNEL, READ_ANALYTICS, READ_CHANNEL, Reply, TinyGoogle, tiny_google
from tests.worker.handling import claim
from tests.worker.instagram import RULES
from tests.worker.jobs.sync.test_youtube import services_for
from worker import bootstrap
from worker.jobs.base import JobContext
from worker.runner.attempt import attempt
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]


@pytest.fixture
def google() -> Iterator[TinyGoogle]:
    with tiny_google() as made:
        yield made


@dataclass
class Desk:
    """Alice, who comes back from Google's consent page, and a worker."""

    owner: Owner
    pool: Pool
    google: TinyGoogle
    services: Services
    user_id: UUID

    async def consent(self) -> dict[str, Any]:
        """Works on a CONNECT job as the web enqueues it, and returns it as it is then."""
        job_id, expires = uuid4(), datetime.now(UTC) + timedelta(minutes=10)
        sent = {"code": "a-code", "redirect_uri": "http://127.0.0.1/cb", "verifier": "v" * 43, "timezone": "UTC"}
        sealed = self.services.keyring.sealing_key.seal(
            json.dumps(sent).encode(),
            purpose=Purpose.OAUTH_CODE,
            user_id=self.user_id,
            subject_id=job_id,
            expires_at=expires,
        )
        self.owner.execute(
            "insert into public.sync_jobs (id, user_id, kind, args, sealed, sealed_expires_at)"
            " values (%s, %s, 'CONNECT', %s, %s, %s)",
            (job_id, self.user_id, Jsonb({"platform": "youtube", "way_in": "google"}), sealed, expires),
        )
        await self.work(JobKind.CONNECT)
        return self.one("select state, error_code, error_params from sync_jobs where kind = 'CONNECT'")

    async def work(self, kind: JobKind) -> None:
        """Works on the next job of the kind as the loop does."""
        ctx = await claim(self.pool, [kind])
        await attempt(ctx, partial(self._handle), RULES, self.pool)

    async def _handle(self, ctx: JobContext) -> None:
        await bootstrap.handlers(self.services)[ctx.job.kind](ctx)

    def one(self, statement: str) -> dict[str, Any]:
        (row,) = self.owner.execute(statement.encode()).fetchall()
        return row


@pytest.fixture
def desk(owner: Owner, worker_pool: Pool, google: TinyGoogle, people: Personas) -> Desk:
    return Desk(owner, worker_pool, google, services_for(worker_pool, google.address), people.alice)


async def test_a_channel_is_connected_and_synced(desk: Desk) -> None:
    assert (await desk.consent())["state"] == "COMPLETED"
    profile = desk.one("select platform, external_id, username, state from profiles")
    assert profile == {"platform": "youtube", "external_id": CHANNEL, "username": "ada", "state": "CONNECTED"}
    connection = desk.one("select method, state, scopes from connections")
    assert (connection["method"], connection["state"]) == ("google", "ACTIVE")
    assert set(connection["scopes"]) == {READ_CHANNEL, READ_ANALYTICS}
    await desk.work(JobKind.SYNC)
    assert desk.one("select state from sync_jobs where kind = 'SYNC'") == {"state": "COMPLETED"}
    assert desk.one("select count(*) as n from media") == {"n": 3}
    assert desk.one("select count(distinct metric) as n from insight_days") == {"n": 10}


async def test_a_channel_whose_figures_were_not_allowed_is_synced_without_them(desk: Desk) -> None:
    desk.google.scope = READ_CHANNEL
    assert (await desk.consent())["state"] == "COMPLETED"
    await desk.work(JobKind.SYNC)
    assert desk.one("select state from sync_jobs where kind = 'SYNC'") == {"state": "COMPLETED"}
    assert desk.one("select count(*) as n from insight_days") == {"n": 0}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda google: setattr(google, "scope", READ_ANALYTICS), "scopes_missing"),
        (lambda google: setattr(google, "has_channel", False), "no_account_offered"),
        (lambda google: google.fail("token", Reply(400, {"error": "invalid_grant"})), "code_used"),
        (lambda google: google.fail("token", Reply(401, {"error": "invalid_client"})), "app_refused"),
    ],
    ids=["unticked", "no-channel", "code-used", "wrong-secret"],
)
async def test_a_consent_that_leads_nowhere_says_why_and_stores_nothing(
    desk: Desk, change: Callable[[TinyGoogle], None], code: str
) -> None:
    change(desk.google)
    job = await desk.consent()
    assert (job["state"], job["error_code"]) == ("FAILED", code)
    assert desk.one("select count(*) as n from connections where secret is not null") == {"n": 0}


async def test_a_worker_without_the_app_says_so(desk: Desk, worker_pool: Pool, google: TinyGoogle) -> None:
    desk.services = services_for(worker_pool, google.address, google_client_secret=None)
    job = await desk.consent()
    assert (job["state"], job["error_code"], job["error_params"]) == ("FAILED", "app_refused", {"variant": "missing"})
    assert google.requests == []
