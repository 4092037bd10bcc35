"""CONNECT and REVOKE: each outcome of a consent, and what is stored and erased of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db.declarations import declare
from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.domain.jobs import JobKind, JobState
from shared.domain.social import PlatformId
from shared.error_text import message
from shared.errors import Draining, SiteFailed
from shared.platforms import PLATFORMS, WayIn
from shared.platforms.platform import Quota
from shared.platforms.provider import s256
from shared.store.profiles import connections, granted
from shared.store.users import data_keys
from shared.vault import Place, Purpose
from tests.conftest import Database, Personas
from tests.rig.fakehub import FAKEHUB, FIGURES, READ, Code, World
from tests.worker.handling import claim, services_for
from tests.worker.instagram import RULES
from worker.jobs.connect import by_provider, revoke
from worker.platforms.authorization import OfferedAccount
from worker.runner.attempt import attempt
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
VERIFIER, BACK = "v" * 43, "https://rollcall.example/api/auth/fakeid/callback"
ADA = OfferedAccount(PlatformId("7"), "ada", "Ada")
BEA = OfferedAccount(PlatformId("8"), "bea", "Bea")


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setitem(PLATFORMS, FAKEHUB.name, FAKEHUB)
    with psycopg.connect(database.owner) as conn:
        declare(conn)
    return World()


@dataclass
class Consents:
    """A person who comes back from the consent page, and a worker that does the rest."""

    owner: Owner
    pool: Pool
    services: Services
    world: World
    user_id: UUID

    def come_back(self, code: str = "good", **changes: Any) -> UUID:
        """Seals what the provider sent back and enqueues the CONNECT job, as the web does."""
        self.world.codes.setdefault(code, Code(s256(VERIFIER), BACK, self.world.scopes))
        job_id, expires = uuid4(), datetime.now(UTC) + timedelta(minutes=10)
        sent = {"code": code, "redirect_uri": BACK, "verifier": VERIFIER, "timezone": "Europe/Berlin", **changes}
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
            (job_id, self.user_id, Jsonb({"platform": "fakehub", "way_in": "google"}), sealed, expires),
        )
        return job_id

    async def work(self, *answers: str) -> dict[str, Any]:
        """Lets a worker do the CONNECT job, and answers each question with an id; returns the job's row."""
        ctx = await claim(self.pool, [JobKind.CONNECT])
        run = asyncio.create_task(attempt(ctx, partial(by_provider.run, services=self.services), RULES, self.pool))
        for answer in answers:
            while self.job(ctx.job.id)["state"] != JobState.NEEDS_INPUT:
                await asyncio.sleep(0.02)
                assert not run.done()
            self.answer(ctx.job.id, answer)
            ctx.tell()
        await run
        return self.job(ctx.job.id)

    def answer(self, job_id: UUID, account: str) -> None:
        sealed = self.services.keyring.sealing_key.seal(
            json.dumps({"account": account}).encode(),
            purpose=Purpose.CODE,
            user_id=self.user_id,
            subject_id=job_id,
            expires_at=datetime.now(UTC) + timedelta(minutes=5),
        )
        self.owner.execute("update public.sync_jobs set sealed_input = %s where id = %s", (sealed, job_id))

    async def connected(self, *answers: str) -> dict[str, Any]:
        self.come_back(f"good-{uuid4()}")
        return await self.work(*answers)

    def job(self, job_id: UUID) -> dict[str, Any]:
        row = self.owner.execute("select * from public.sync_jobs where id = %s", (job_id,)).fetchone()
        assert row is not None
        return row

    def profiles(self) -> list[dict[str, Any]]:
        return self.owner.execute("select * from public.profiles order by username").fetchall()

    def connections(self) -> list[dict[str, Any]]:
        return self.owner.execute("select * from public.connections order by created_at").fetchall()

    async def token(self, row: dict[str, Any]) -> str:
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
        place = Place("connections", "secret", self.user_id, row["id"])
        token: str = json.loads(key.decrypt(row["secret"], place))["access_token"]
        return token


@pytest.fixture
def consents(owner: Owner, worker_pool: Pool, world: World, people: Personas) -> Consents:
    services = services_for(worker_pool)
    client = world.client_of(services.browser, services.settings)
    parts = {**services.platforms, FAKEHUB.name: client}
    object.__setattr__(services, "platforms", parts)
    return Consents(owner, worker_pool, services, world, people.alice)


def said(job: dict[str, Any]) -> str:
    return message(job["error_code"], job["error_params"], "fakehub") or ""


async def test_one_account_is_connected_with_its_token_scopes_and_first_sync(consents: Consents) -> None:
    job = await consents.connected()
    (profile,), (connection,) = consents.profiles(), consents.connections()
    assert (job["state"], job["profile_id"], job["sealed"]) == ("COMPLETED", profile["id"], None)
    assert (profile["platform"], profile["username"], profile["external_id"]) == ("fakehub", "ada", "7")
    assert (profile["state"], profile["display_name"], profile["timezone"]) == ("CONNECTED", "Ada", "Europe/Berlin")
    assert (connection["method"], connection["state"]) == ("google", "ACTIVE")
    assert connection["scopes"] == [FIGURES, READ]
    assert await consents.token(connection) == "token-1"
    (sync,) = consents.owner.execute("select * from public.sync_jobs where kind = 'SYNC'").fetchall()
    assert (sync["profile_id"], sync["connection_id"]) == (profile["id"], connection["id"])
    (attempted,) = consents.owner.execute("select profile_id from public.sync_attempts").fetchall()
    assert attempted == {"profile_id": profile["id"]}


async def test_several_accounts_are_a_question_and_a_wrong_answer_asks_again(consents: Consents) -> None:
    consents.world.accounts = [ADA, BEA]
    job = await consents.connected("nothing of this id", "8")
    assert job["state"] == "COMPLETED"
    assert [profile["username"] for profile in consents.profiles()] == ["bea"]


async def test_the_question_says_which_accounts_are_connected_already(consents: Consents) -> None:
    await consents.connected()
    consents.world.accounts = [ADA, BEA]
    consents.come_back("second")
    ctx = await claim(consents.pool, [JobKind.CONNECT])
    run = asyncio.create_task(attempt(ctx, partial(by_provider.run, services=consents.services), RULES, consents.pool))
    while (row := consents.job(ctx.job.id))["state"] != JobState.NEEDS_INPUT:
        await asyncio.sleep(0.02)
    choices = row["input_request"]["choices"]
    assert [(one["id"], one["username"], one["is_connected"]) for one in choices] == [
        ("7", "ada", True),
        ("8", "bea", False),
    ]
    consents.answer(ctx.job.id, "8")
    ctx.tell()
    await run
    assert [profile["username"] for profile in consents.profiles()] == ["ada", "bea"]


async def test_an_account_that_nobody_chose_leaves_nothing_and_its_token_is_revoked(consents: Consents) -> None:
    consents.world.accounts = [ADA, BEA]
    object.__setattr__(consents.services.settings, "code_wait", timedelta(0))
    job = await consents.connected()
    assert (job["state"], job["error_code"]) == ("FAILED", "nobody_answered")
    assert said(job) == "No account was chosen in time. Connect again and choose one."
    assert consents.profiles() == []
    assert consents.world.dead == ["token-1"]


async def test_connecting_again_keeps_the_profile_and_its_history(consents: Consents) -> None:
    await consents.connected()
    consents.owner.execute("update public.profiles set followers = 12")
    consents.owner.execute("update public.connections set state = 'EXPIRED'")
    again = await consents.connected()
    assert again["progress"]["step"] == "connected"
    (profile,), (connection,) = consents.profiles(), consents.connections()
    assert (profile["followers"], profile["state"], again["profile_id"]) == (12, "CONNECTED", profile["id"])
    assert await consents.token(connection) == "token-3"
    assert consents.world.dead == []


async def test_an_account_that_is_connected_already_is_renewed_and_says_so(consents: Consents) -> None:
    await consents.connected()
    assert (await consents.connected())["progress"]["step"] == "renewed"
    assert len(consents.profiles()) == len(consents.connections()) == 1


async def test_a_sync_that_ends_late_stores_no_older_token(consents: Consents) -> None:
    await consents.connected()
    (before,) = consents.connections()
    await consents.connected()
    async with consents.pool.connection() as conn:
        await connections.rotate(
            conn, consents.user_id, before["id"], before["secret"], b"of the sync that began before"
        )
    (after,) = consents.connections()
    assert await consents.token(after) == "token-3"


async def test_an_account_that_a_data_download_named_keeps_that_profile(
    consents: Consents, make_profile: Callable[..., UUID]
) -> None:
    known = make_profile(consents.user_id, "Ada", platform="fakehub")
    job = await consents.connected()
    assert job["profile_id"] == known
    (profile,) = consents.profiles()
    assert (profile["username"], profile["external_id"]) == ("ada", "7")


async def test_a_name_of_another_accounts_history_is_not_taken_over(
    consents: Consents, make_profile: Callable[..., UUID]
) -> None:
    make_profile(consents.user_id, "ada", platform="fakehub", external_id="other")
    job = await consents.connected()
    assert said(job).startswith("This username now belongs to another account than the one whose history is kept here.")
    assert consents.connections() == []


async def test_a_profile_that_is_being_deleted_is_not_connected(
    consents: Consents, make_profile: Callable[..., UUID]
) -> None:
    make_profile(consents.user_id, "ada", platform="fakehub", external_id="7", state="DELETING")
    assert said(await consents.connected()).startswith("This profile is being deleted.")


async def test_no_account_is_said_with_the_way_on(consents: Consents) -> None:
    consents.world.accounts = []
    job = await consents.connected()
    assert said(job) == (
        "There is no Fakehub account behind this login. "
        "Log in there with the account that you want to connect, then connect again."
    )
    assert consents.world.dead == ["token-1"]


async def test_without_the_scope_that_everything_needs_nothing_is_connected(consents: Consents) -> None:
    consents.world.scopes = frozenset({FIGURES})
    job = await consents.connected()
    assert said(job) == (
        "Without your permission Rollcall cannot read anything from Fakehub. Connect again and leave every box ticked."
    )
    assert "accounts" not in consents.world.calls


async def test_without_another_scope_it_is_connected_and_stored_what_was_given(consents: Consents) -> None:
    consents.world.scopes = frozenset({READ})
    assert (await consents.connected())["state"] == "COMPLETED"
    assert consents.connections()[0]["scopes"] == [READ]


async def test_a_code_is_good_once(consents: Consents) -> None:
    consents.come_back("good")
    await consents.work()
    consents.come_back("good")
    job = await consents.work()
    assert said(job).startswith("The consent for Fakehub was used already, or is too old.")
    assert consents.world.dead == [], "the first connection goes on"


async def test_a_code_of_another_redirect_address_or_verifier_is_refused(consents: Consents) -> None:
    for change in ({"redirect_uri": f"{BACK}/"}, {"verifier": "w" * 43}):
        consents.come_back(f"good-{uuid4()}", **change)
        assert said(await consents.work()).startswith("Fakehub does not accept this installation's app.")


async def test_a_worker_without_the_app_says_so(consents: Consents) -> None:
    client = consents.services.platforms[FAKEHUB.name]
    object.__setattr__(client, "authorizers", {})
    assert said(await consents.connected()).startswith("The worker of this installation has no app for Fakehub.")


async def test_a_provider_that_is_down_is_asked_again(consents: Consents) -> None:
    consents.world.faults = [SiteFailed()]
    job = await consents.connected()
    assert (job["state"], job["error_code"]) == ("WAITING", "site_failed")
    assert job["sealed"] is not None
    consents.owner.execute("update public.sync_jobs set run_at = now()")
    assert (await consents.work())["state"] == "COMPLETED"


async def test_a_grant_is_revoked_once_the_provider_was_asked_for_its_accounts_too_often(consents: Consents) -> None:
    job_id = consents.come_back()
    consents.owner.execute("update public.sync_jobs set max_attempts = 2 where id = %s", (job_id,))
    consents.world.fails_at = {"accounts"}
    assert (await consents.work())["state"] == "WAITING"
    assert consents.world.dead == []
    consents.owner.execute("update public.sync_jobs set run_at = now()")
    job = await consents.work()
    assert (job["state"], job["error_code"], job["sealed"]) == ("FAILED", "site_failed", None)
    assert consents.world.dead == ["token-1"]


async def test_a_grant_that_cannot_be_revoked_now_is_revoked_later(consents: Consents) -> None:
    consents.world.scopes = frozenset({FIGURES})
    consents.world.fails_at = {"revoke"}
    assert (await consents.connected())["error_code"] == "scopes_missing"
    (left,) = consents.owner.execute("select * from public.sync_jobs where kind = 'REVOKE'").fetchall()
    assert (left["state"], left["max_attempts"]) == ("PENDING", 20)
    assert b"token" not in left["sealed"]
    consents.world.fails_at = set()
    ctx = await claim(consents.pool, [JobKind.REVOKE])
    await attempt(ctx, partial(revoke.run, services=consents.services), RULES, consents.pool)
    assert consents.world.dead == ["token-1"]


async def test_what_finding_the_account_costs_is_counted_for_the_app_before_it_is_asked(
    consents: Consents, monkeypatch: pytest.MonkeyPatch
) -> None:
    quota = Quota("hub_calls", 3, "UTC")
    priced = replace(FAKEHUB, quotas={WayIn.GOOGLE: (quota,)}, connect_costs={WayIn.GOOGLE: {quota.name: 2}})
    monkeypatch.setitem(PLATFORMS, FAKEHUB.name, priced)
    assert (await consents.connected())["state"] == "COMPLETED"
    (spent,) = consents.owner.execute("select calls, units from rollcall.api_quotas").fetchall()
    assert spent == {"calls": 1, "units": 2}
    before = list(consents.world.calls)
    job = await consents.connected()
    assert (job["state"], job["error_code"]) == ("WAITING", "quota_spent")
    assert consents.world.calls == [*before, "exchange"]


async def test_a_job_that_stops_after_the_exchange_continues_with_the_grant(consents: Consents) -> None:
    """The code is good once; the second attempt finds the grant in its place."""
    consents.world.accounts = [ADA, BEA]
    consents.come_back()
    ctx = await claim(consents.pool, [JobKind.CONNECT])
    run = asyncio.create_task(attempt(ctx, partial(by_provider.run, services=consents.services), RULES, consents.pool))
    while consents.job(ctx.job.id)["state"] != JobState.NEEDS_INPUT:
        await asyncio.sleep(0.02)
    ctx.stop(Draining())
    await run
    assert consents.job(ctx.job.id)["state"] == "PENDING"
    assert (await consents.work("7"))["state"] == "COMPLETED"
    assert consents.world.calls == ["exchange", "accounts", "accounts"]
    assert consents.world.dead == []


async def test_what_was_sealed_for_another_job_opens_nothing(consents: Consents) -> None:
    first, second = consents.come_back("one"), consents.come_back("two")
    consents.owner.execute(
        "update public.sync_jobs set sealed = (select sealed from public.sync_jobs where id = %s) where id = %s",
        (second, first),
    )
    assert (await consents.work())["error_code"] == "secrets_gone"
    assert consents.world.calls == []


async def test_disconnecting_erases_the_token_here_and_revokes_it_there(
    consents: Consents, web_pool: ConnectionPool[WebConnection]
) -> None:
    profile_id = (await consents.connected())["profile_id"]
    with tenant(web_pool, consents.user_id) as conn:
        connections.disconnect(conn, profile_id)
    (connection,) = consents.connections()
    assert (connection["state"], connection["secret"]) == ("REVOKED", None)
    assert consents.profiles()[0]["state"] == "DISCONNECTED"
    ctx = await claim(consents.pool, [JobKind.REVOKE])
    assert ctx.job.profile_id is None
    await attempt(ctx, partial(revoke.run, services=consents.services), RULES, consents.pool)
    job = consents.job(ctx.job.id)
    assert (job["state"], job["sealed"], consents.world.dead) == ("COMPLETED", None, ["token-1"])
    async with consents.pool.connection() as worker:
        assert await granted.connected_ids(worker, consents.user_id, "fakehub", "google") == frozenset()


async def test_a_revocation_waits_for_a_provider_that_is_down(
    consents: Consents, web_pool: ConnectionPool[WebConnection]
) -> None:
    profile_id = (await consents.connected())["profile_id"]
    with tenant(web_pool, consents.user_id) as conn:
        connections.disconnect(conn, profile_id)
    consents.world.faults = [SiteFailed()]
    ctx = await claim(consents.pool, [JobKind.REVOKE])
    await attempt(ctx, partial(revoke.run, services=consents.services), RULES, consents.pool)
    waiting = consents.job(ctx.job.id)
    assert (waiting["state"], waiting["sealed"] is not None) == ("WAITING", True)


async def test_a_browser_session_that_is_disconnected_has_nothing_to_revoke(
    consents: Consents,
    web_pool: ConnectionPool[WebConnection],
    make_profile: Callable[..., UUID],
    make_connection: Callable[..., UUID],
) -> None:
    profile_id = make_profile(consents.user_id)
    make_connection(profile_id, secret=b"session")
    with tenant(web_pool, consents.user_id) as conn:
        connections.disconnect(conn, profile_id)
    assert consents.owner.execute("select from public.sync_jobs").fetchall() == []
