"""A TikTok account through the real jobs: consent, profile, videos, and tokens that work once, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from shared import logs
from shared.db.pools import WorkerConnection
from shared.domain.backoff import RetryPolicy
from shared.domain.jobs import JobKind
from shared.errors import AccessRevoked, LeaseLost, NotConnected, PermissionMissing, Throttled
from shared.files.folder import FolderFiles
from shared.platforms.tiktok import BASIC, LOGIN_KIT, PROFILE, VIDEOS
from shared.settings import load
from shared.store.queue import renewals
from shared.store.users import data_keys
from shared.vault import KeyRing, Place, Purpose
from tests.conftest import Personas
from tests.rig.tiny_tiktok import OPEN_ID, Reply, TinyTikTok, flat, refusal, tiny_tiktok
from tests.worker.handling import claim
from worker import bootstrap
from worker.browser.pool import BrowserPool
from worker.jobs.base import JobContext
from worker.platforms import registry
from worker.runner.attempt import Rules, attempt
from worker.runner.context import Context
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
RULES = Rules(RetryPolicy(timedelta(seconds=1), timedelta(seconds=2), timedelta(hours=4)), timedelta(seconds=1))


@pytest.fixture
def tiktok() -> Iterator[TinyTikTok]:
    with tiny_tiktok() as made:
        yield made


def services_for(pool: Pool, address: str) -> Services:
    settings = load({}, tiktok_client_key="a-key", tiktok_client_secret="a-secret", tiktok_api_url=address)
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


def in_(**span: int) -> datetime:
    return datetime.now(UTC) + timedelta(**span)


@dataclass
class Desk:
    """A connected account, the TikTok behind it, and its jobs."""

    owner: Owner
    pool: Pool
    tiktok: TinyTikTok
    services: Services
    user_id: UUID
    profile_id: UUID
    make_job: Callable[..., UUID]

    async def start(self, kind: JobKind, **given: Any) -> Context:
        """A job of the kind, claimed."""
        self.owner.execute("delete from sync_jobs")
        self.make_job(self.user_id, self.profile_id, kind, **given)
        return await claim(self.pool)

    async def work(self, ctx: JobContext) -> None:
        """Works on a claimed job; raises what its handler raises."""
        await bootstrap.handlers(self.services)[ctx.job.kind](ctx)

    async def run(self, kind: JobKind, **given: Any) -> None:
        """Runs one whole job; raises what its handler raises."""
        await self.work(await self.start(kind, **given))

    async def attempt(self, kind: JobKind) -> dict[str, Any]:
        """Runs one attempt as the loop does, and returns the job as it is then."""
        await attempt(await self.start(kind), self.work, RULES, self.pool)
        return self.one("select state, error_code, run_at > now() as later from sync_jobs")

    def rows(self, statement: str) -> list[dict[str, Any]]:
        return self.owner.execute(statement.encode()).fetchall()

    def one(self, statement: str) -> dict[str, Any]:
        (row,) = self.rows(statement)
        return row

    async def store(self, **changes: Any) -> None:
        """Gives the account a connection with these tokens."""
        ends = in_(days=170)
        token = {
            "access_token": "access-1",
            "refresh_token": "refresh-1",
            "expires_at": in_(hours=1).isoformat(),
            "ends_at": ends.isoformat(),
            "scopes": list(LOGIN_KIT.scopes),
            "obtained_at": in_(days=-10).isoformat(),
            **changes,
        }
        self.owner.execute("delete from connections")
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
            row = await (
                await conn.execute(
                    "insert into public.connections (user_id, profile_id, method, state, expires_at)"
                    " values (%s, %s, 'tiktok', 'ACTIVE', %s) returning id",
                    (self.user_id, self.profile_id, ends),
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
        found: dict[str, Any] = json.loads(
            key.decrypt(row["secret"], Place("connections", "secret", self.user_id, row["id"]))
        )
        return found


@pytest.fixture
async def desk(
    owner: Owner,
    worker_pool: Pool,
    tiktok: TinyTikTok,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> Desk:
    profile = make_profile(people.alice, "ada.maths", platform="tiktok", external_id=OPEN_ID)
    services = services_for(worker_pool, tiktok.address)
    made = Desk(owner, worker_pool, tiktok, services, people.alice, profile, make_job)
    await made.store()
    return made


async def test_a_sync_stores_counters_and_videos_under_their_source(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    profile = desk.one("select username, display_name, followers, following, media_count from profiles")
    assert profile == {
        "username": "ada.maths",
        "display_name": "Ada",
        "followers": 1230,
        "following": 12,
        "media_count": 5,
    }
    assert desk.one("select source, followers from profile_counts") == {"source": "tiktok", "followers": 1230}
    media = desk.rows("select kind, plays, likes, comments, shares, er_formula, er_numerator from media")
    seen = {"kind": "video", "plays": 1000, "likes": 70, "comments": 7, "shares": 3}
    assert media == [{**seen, "er_formula": "er_views", "er_numerator": 80}] * 5
    assert desk.rows("select distinct source, shares from media_metrics") == [{"source": "tiktok", "shares": 3}]
    assert desk.one("select verdict from media_runs") == {"verdict": "whole"}


async def test_a_counter_that_is_left_out_stays_as_it_was_known(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    desk.tiktok.counters = {"view_count": 1500, "like_count": None}
    desk.tiktok.now += timedelta(hours=5)
    await desk.run(JobKind.SYNC)
    assert desk.rows("select distinct plays, likes, comments, shares from media") == [
        {"plays": 1500, "likes": 70, "comments": 7, "shares": 3}
    ]


async def test_a_video_that_was_deleted_is_gone_and_not_zero(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    gone = str(desk.tiktok.videos.pop(1))
    desk.tiktok.now += timedelta(hours=5)
    await desk.run(JobKind.SYNC, args=Jsonb({"all": True}))
    assert desk.one("select platform_id, gone_as, plays from media where gone_at is not null") == {
        "platform_id": gone,
        "gone_as": "deleted",
        "plays": 1000,
    }


async def test_a_sync_goes_on_without_the_videos_that_were_not_allowed(desk: Desk) -> None:
    desk.tiktok.scope = f"{BASIC},{PROFILE}"
    await desk.store(scopes=[BASIC, PROFILE])
    await desk.run(JobKind.SYNC)
    assert desk.one("select followers, username from profiles") == {"followers": None, "username": "ada.maths"}
    assert desk.rows("select id from media") == []
    with pytest.raises(PermissionMissing):
        await desk.run(JobKind.SYNC_MEDIA)


async def test_a_scope_that_is_withdrawn_later_is_stored_as_missing(desk: Desk) -> None:
    desk.tiktok.scope = f"{BASIC},{PROFILE},{VIDEOS}"
    await desk.run(JobKind.SYNC)
    assert set(desk.one("select scopes from connections")["scopes"]) == {BASIC, PROFILE, VIDEOS}
    assert desk.one("select count(*) as n from media") == {"n": 5}


async def test_a_refresh_token_that_works_once_is_stored_before_the_next_call(desk: Desk) -> None:
    """The error behind it does not lose it, and the end of the access moves with it."""
    await desk.store(expires_at=in_(minutes=1).isoformat())
    desk.tiktok.fail("info", Reply(503, {}))
    ends = "select expires_at from connections"
    before = desk.one(ends)["expires_at"]
    job = await desk.attempt(JobKind.SYNC_PROFILE)
    assert (job["state"], job["error_code"]) == ("WAITING", "site_failed")
    assert (await desk.token())["refresh_token"] == "refresh-2"
    assert desk.one(ends)["expires_at"] > before
    await desk.run(JobKind.SYNC)
    assert [one.given["refresh_token"] for one in desk.tiktok.asked("token")] == ["refresh-1"]


async def test_a_worker_that_lost_its_job_stores_no_token_and_the_connection_alone_ends(desk: Desk) -> None:
    """As a kill between TikTok's answer and the commit: the new token is lost, and the old one is dead."""
    await desk.store(expires_at=in_(minutes=1).isoformat())
    ctx = await desk.start(JobKind.SYNC_PROFILE)
    desk.tiktok.when_exchanged = lambda: desk.owner.execute("delete from sync_jobs")
    with pytest.raises(LeaseLost):
        await desk.work(ctx)
    assert (await desk.token())["refresh_token"] == "refresh-1"
    with pytest.raises(AccessRevoked):
        await desk.run(JobKind.SYNC_PROFILE)
    assert desk.one("select state, state_code from connections") == {
        "state": "EXPIRED",
        "state_code": "access_revoked",
    }
    assert desk.one("select kind from alerts where closed_at is null")["kind"] == "session_dead"


async def test_a_token_that_was_not_used_for_thirty_days_is_exchanged_by_itself(desk: Desk) -> None:
    async def due() -> int:
        async with desk.pool.connection() as conn:
            return await renewals.enqueue_due(conn)

    assert await due() == 0
    await desk.store(obtained_at=in_(days=-31).isoformat())
    desk.owner.execute("delete from sync_jobs")
    desk.owner.execute("update connections set expires_at = now() + interval '149 days'")
    assert await due() == 1
    await desk.work(await claim(desk.pool, [JobKind.RENEW_ACCESS]))
    assert (await desk.token())["refresh_token"] == "refresh-2"
    left = desk.one("select expires_at - now() as left, refreshed_at is not null as renewed from connections")
    assert left["renewed"]
    assert left["left"] > timedelta(days=179)
    desk.owner.execute("delete from sync_jobs")
    assert await due() == 0


async def test_an_access_that_was_withdrawn_ends_the_connection_and_nothing_of_it_is_synced_then(desk: Desk) -> None:
    desk.tiktok.fail("info", *[refusal(401, "access_token_invalid")] * 2)
    with pytest.raises(AccessRevoked):
        await desk.run(JobKind.SYNC)
    assert desk.one("select state from connections") == {"state": "EXPIRED"}
    with pytest.raises(NotConnected):
        await desk.run(JobKind.SYNC_PROFILE)


async def test_too_many_calls_wait_and_cool_nothing_down(desk: Desk) -> None:
    desk.tiktok.fail("list", refusal(429, "rate_limit_exceeded"))
    job = await desk.attempt(JobKind.SYNC_MEDIA)
    assert job == {"state": "WAITING", "error_code": Throttled.code, "later": True}
    assert desk.one("select state from profiles") == {"state": "CONNECTED"}


async def test_each_call_is_counted_for_app_and_connection(desk: Desk) -> None:
    await desk.run(JobKind.SYNC)
    made = len(desk.tiktok.asked("info")) + len(desk.tiktok.asked("list"))
    assert desk.rows("select quota, calls from api_calls") == [{"quota": "tiktok_display", "calls": made}]
    assert desk.one("select quota, units, day_limit from rollcall.api_quotas") == {
        "quota": "tiktok_display",
        "units": made,
        "day_limit": None,
    }


# The consent


async def consent(desk: Desk) -> dict[str, Any]:
    """Works on a CONNECT job as the web enqueues it, and returns it as it is then."""
    desk.owner.execute("delete from profiles")
    job_id, expires = uuid4(), in_(minutes=10)
    sent = {"code": "a-code", "redirect_uri": "http://127.0.0.1:1/cb", "verifier": "v" * 43, "timezone": "UTC"}
    sealed = desk.services.keyring.sealing_key.seal(
        json.dumps(sent).encode(),
        purpose=Purpose.OAUTH_CODE,
        user_id=desk.user_id,
        subject_id=job_id,
        expires_at=expires,
    )
    desk.owner.execute(
        "insert into public.sync_jobs (id, user_id, kind, args, sealed, sealed_expires_at)"
        " values (%s, %s, 'CONNECT', %s, %s, %s)",
        (job_id, desk.user_id, Jsonb({"platform": "tiktok", "way_in": "tiktok"}), sealed, expires),
    )
    await attempt(await claim(desk.pool, [JobKind.CONNECT]), desk.work, RULES, desk.pool)
    return desk.one("select state, error_code from sync_jobs where kind = 'CONNECT'")


async def test_a_consent_connects_the_account_with_the_end_that_tiktok_names(desk: Desk) -> None:
    assert await consent(desk) == {"state": "COMPLETED", "error_code": None}
    profile = desk.one("select platform, external_id, username, state from profiles")
    assert profile == {"platform": "tiktok", "external_id": OPEN_ID, "username": "ada.maths", "state": "CONNECTED"}
    row = desk.one("select method, state, scopes, expires_at - now() > interval '179 days' as lasts from connections")
    assert (row["method"], row["state"], row["lasts"]) == ("tiktok", "ACTIVE", True)
    assert set(row["scopes"]) == set(LOGIN_KIT.scopes)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda tiktok: setattr(tiktok, "scope", BASIC), "scopes_missing"),
        (lambda tiktok: tiktok.fail("token", flat(400, "invalid_grant")), "code_used"),
        (lambda tiktok: tiktok.fail("token", flat(401, "invalid_client")), "app_refused"),
    ],
    ids=["left-out", "code-used", "wrong-secret"],
)
async def test_a_consent_that_leads_nowhere_says_why_and_stores_nothing(
    desk: Desk, change: Callable[[TinyTikTok], None], code: str
) -> None:
    change(desk.tiktok)
    assert await consent(desk) == {"state": "FAILED", "error_code": code}
    assert desk.one("select count(*) as n from connections where secret is not null") == {"n": 0}
