"""A person whose account can be read in two ways, and a worker: the real queue, vault and handlers over Fakegram."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from shared.domain.jobs import JobKind, JobState
from shared.store.users import data_keys
from shared.vault import Place, Purpose
from tests.rig.two_ways import LIFE, OFFICIAL, TWO_WAYS, World, token_of
from tests.worker.handling import Pool, claim
from tests.worker.instagram import RULES
from worker import bootstrap
from worker.browser.session import BrowserSession
from worker.platforms.base import SessionSecret
from worker.runner.attempt import attempt
from worker.services import Services

SIGNED_IN = BrowserSession(
    storage_state={
        "cookies": [{"name": "fakegram_session", "value": "yes", "domain": "fakegram.example", "path": "/"}],
        "origins": [],
    }
)


@dataclass
class Desk:
    """The rows of one person, and what a worker does about them."""

    owner: psycopg.Connection[dict[str, Any]]
    pool: Pool
    services: Services
    world: World
    user_id: UUID

    async def connect(self, profile_id: UUID, method: str, secret: SessionSecret, **columns: Any) -> UUID:
        """Gives a profile an ACTIVE connection of this method; returns its id."""
        values = {"user_id": self.user_id, "profile_id": profile_id, "method": method, **columns}
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        statement = sql.SQL("insert into public.connections ({}) values ({}) returning id").format(
            names, sql.SQL(", ").join(sql.Placeholder() * len(values))
        )
        made = self.owner.execute(statement, list(values.values())).fetchone()
        assert made is not None
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
        stored = key.encrypt(secret.text.encode(), Place("connections", "secret", self.user_id, made["id"]))
        self.owner.execute(
            "update public.connections set secret = %s, state = 'ACTIVE' where id = %s", (stored, made["id"])
        )
        connection_id: UUID = made["id"]
        return connection_id

    async def by_browser(self, profile_id: UUID) -> UUID:
        """A browser that is signed in."""
        return await self.connect(profile_id, "browser", SIGNED_IN.to_secret())

    async def by_token(self, profile_id: UUID, ends_in: timedelta = LIFE, **columns: Any) -> UUID:
        """A token of the official way in."""
        ends = datetime.now(UTC) + ends_in
        return await self.connect(profile_id, OFFICIAL, self.world.grant().secret, expires_at=ends, **columns)

    async def work(self, kinds: Iterable[JobKind] = tuple(JobKind), *answers: str) -> dict[str, Any]:
        """Does the next job of these kinds, with an answer to each question; returns its row as it is then."""
        ctx = await claim(self.pool, kinds)
        handler = bootstrap.handlers(self.services)[ctx.job.kind]
        run = asyncio.create_task(attempt(ctx, handler, RULES, self.pool))
        for answer in answers:
            while self.job(ctx.job.id)["state"] != JobState.NEEDS_INPUT:
                await asyncio.sleep(0.02)
                assert not run.done(), self.job(ctx.job.id)
            self._answer(ctx.job.id, answer)
            ctx.tell()
        await run
        return self.job(ctx.job.id)

    async def consent(self, *answers: str) -> dict[str, Any]:
        """Comes back from the consent page, and lets the worker connect the account; returns the job's row."""
        job_id, expires = uuid4(), datetime.now(UTC) + timedelta(minutes=10)
        sent = {"code": "good", "redirect_uri": "https://rollcall.example/back", "verifier": None, "timezone": "UTC"}
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
            (job_id, self.user_id, Jsonb({"platform": TWO_WAYS.name, "way_in": OFFICIAL}), sealed, expires),
        )
        return await self.work([JobKind.CONNECT], *answers)

    def jobs(self, state: str | None = None) -> dict[str, dict[str, Any]]:
        """The newest job of each kind."""
        rows = self.owner.execute(
            "select * from public.sync_jobs where state = coalesce(%s, state) order by seq", (state,)
        )
        return {row["kind"]: row for row in rows}

    def job(self, job_id: UUID) -> dict[str, Any]:
        return self.only("select * from public.sync_jobs where id = %s", job_id)

    def connection(self, connection_id: UUID) -> dict[str, Any]:
        return self.only("select * from public.connections where id = %s", connection_id)

    def alerts(self) -> list[tuple[str, str, bool]]:
        """Kind, subject and whether it is open, of each episode."""
        rows = self.owner.execute("select kind, subject, closed_at is null as open from public.alerts order by id")
        return [(row["kind"], row["subject"], row["open"]) for row in rows]

    def scheduled(self, profile_id: UUID) -> set[str]:
        """The kinds that the schedule starts now."""
        rows = self.owner.execute(
            "select kind from public.schedules where profile_id = %s and is_active", (profile_id,)
        )
        return {row["kind"] for row in rows}

    async def token(self, connection_id: UUID) -> str:
        row = self.connection(connection_id)
        async with self.pool.connection() as conn:
            key = await data_keys.data_key(conn, self.services.keyring, self.user_id)
        place = Place("connections", "secret", self.user_id, connection_id)
        return token_of(SessionSecret(key.decrypt(row["secret"], place).decode()))

    def only(self, statement: str, *values: object) -> dict[str, Any]:
        (row,) = self.owner.execute(statement.encode(), values).fetchall()
        return row

    def _answer(self, job_id: UUID, account: str) -> None:
        sealed = self.services.keyring.sealing_key.seal(
            json.dumps({"account": account}).encode(),
            purpose=Purpose.CODE,
            user_id=self.user_id,
            subject_id=job_id,
            expires_at=datetime.now(UTC) + timedelta(minutes=5),
        )
        self.owner.execute("update public.sync_jobs set sealed_input = %s where id = %s", (sealed, job_id))


def with_world(services: Services, world: World) -> Services:
    """The parts of a worker that reads Fakegram as this world has it."""
    client = world.client_of(services.browser, services.settings)
    return replace(services, platforms={**services.platforms, client.name: client})
