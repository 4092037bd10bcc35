"""A YouTube channel through the real jobs: its profile, its uploads, its days and its audience, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared import logs
from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.files.folder import FolderFiles
from shared.settings import load
from shared.store.users import data_keys
from shared.vault import KeyRing, Place
from tests.conftest import Personas
from tests.rig.tiny_google import READ_ANALYTICS, READ_CHANNEL, TinyGoogle, tiny_google
from tests.worker.handling import claim
from worker import bootstrap
from worker.browser.pool import BrowserPool
from worker.platforms import registry
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
SCOPES = [READ_CHANNEL, READ_ANALYTICS]


@pytest.fixture
def google() -> Iterator[TinyGoogle]:
    with tiny_google() as made:
        yield made


@dataclass
class Desk:
    """A connected channel, the Google behind it, and its jobs."""

    owner: Owner
    pool: Pool
    google: TinyGoogle
    services: Services
    user_id: UUID
    profile_id: UUID
    make_job: Callable[..., UUID]

    async def run(self, kind: JobKind, **given: Any) -> None:
        """Runs one whole job; raises what it raises."""
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, kind, **given)
        ctx = await claim(self.pool)
        await bootstrap.handlers(self.services)[kind](ctx)

    def rows(self, statement: str) -> list[dict[str, Any]]:
        return self.owner.execute(statement.encode()).fetchall()

    def one(self, statement: str) -> dict[str, Any]:
        (row,) = self.rows(statement)
        return row

    async def store(self, **changes: Any) -> None:
        """Gives the channel a connection with these tokens."""
        token = {
            "access_token": "access-1",
            "refresh_token": "refresh-1",
            "expires_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
            "scopes": SCOPES,
            **changes,
        }
        self.owner.execute("delete from connections")
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
            row = await (
                await conn.execute(
                    "insert into public.connections (user_id, profile_id, method, state)"
                    " values (%s, %s, 'google', 'ACTIVE') returning id",
                    (self.user_id, self.profile_id),
                )
            ).fetchone()
            assert row is not None
            secret = key.encrypt(json.dumps(token).encode(), Place("connections", "secret", self.user_id, row["id"]))
            await conn.execute("update public.connections set secret = %s where id = %s", (secret, row["id"]))

    async def token(self) -> dict[str, Any]:
        """The stored token."""
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
            row = await (await conn.execute("select id, secret from public.connections")).fetchone()
        assert row is not None
        place = Place("connections", "secret", self.user_id, row["id"])
        found: dict[str, Any] = json.loads(key.decrypt(row["secret"], place))
        return found


def services_for(pool: Pool, address: str, **changes: Any) -> Services:
    names = ("google_oauth_url", "youtube_api_url", "youtube_analytics_url")
    app = {"google_client_id": "an-id", "google_client_secret": "a-secret"}
    settings = load({}, **dict.fromkeys(names, address), **app, **changes)
    browser = BrowserPool(settings)
    return Services(
        settings=settings,
        pool=pool,
        keyring=KeyRing.generate(datetime(2026, 1, 1, tzinfo=UTC)),
        browser=browser,
        platforms=registry.clients(browser, settings),
        files=FolderFiles(settings.data_dir / "exports"),
        log=logs.get("test"),
    )


@pytest.fixture
async def desk(
    owner: Owner,
    worker_pool: Pool,
    google: TinyGoogle,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> Desk:
    profile = make_profile(people.alice, "ada", platform="youtube")
    services = services_for(worker_pool, google.address)
    made = Desk(owner, worker_pool, google, services, people.alice, profile, make_job)
    await made.store()
    return made


async def test_a_sync_stores_profile_uploads_days_totals_and_audience_under_their_source(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    profile = desk.one("select username, display_name, followers, following, media_count from profiles")
    assert profile == {
        "username": "ada",
        "display_name": "Ada",
        "followers": 1230,
        "following": None,
        "media_count": 3,
    }
    assert desk.one("select source, followers from profile_counts") == {"source": "google", "followers": 1230}
    media = desk.rows("select kind, plays, likes, comments, in_grid, er_formula, permalink from media order by plays")
    assert [row["plays"] for row in media] == [1000, 1001, 1002]
    assert {(row["kind"], row["likes"], row["comments"], row["er_formula"]) for row in media} == {
        ("video", 7, None, None)
    }
    assert [row["in_grid"] for row in media] == [False, True, True]
    assert media[0]["permalink"] == "https://www.youtube.com/watch?v=video-000000"
    assert desk.one("select distinct source from media_metrics") == {"source": "google"}
    days = desk.rows("select day, value, provisional from insight_days where metric = 'views' order by day")
    assert days[0] == {"day": date(2026, 11, 1), "value": Decimal(100), "provisional": False}
    assert days[-1]["day"] == desk.google.last_day
    assert len(desk.rows("select distinct metric from insight_days where source = 'google'")) == 10
    lengths = desk.rows("select distinct last_day - first_day + 1 as days from insight_totals order by days")
    assert [row["days"] for row in lengths] == [7, 28]
    shares = desk.rows("select keys, value from audience_shares where breakdown = 'age_gender' order by keys")
    assert shares[0] == {"keys": ["age18-24", "female"], "value": Decimal(50)}
