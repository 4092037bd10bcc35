"""The login behind a connection: its id is stored, and its consent ends only with the last connection of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.domain.jobs import JobKind
from shared.platforms import WayIn
from shared.store.profiles import connections
from tests.rig.fakehub import FAKEHUB, Fakeid, Live
from tests.worker.handling import claim
from tests.worker.instagram import RULES
from tests.worker.jobs.connect.test_by_provider import ADA, BEA, Consents, consents, world
from worker.jobs.connect import check_session, revoke
from worker.platforms.authorization import Grant
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret
from worker.runner.attempt import attempt

__all__ = ["consents", "world"]


class OneConsent(Fakeid):
    """A provider that knows one consent for each login; every token is of the login that it names."""

    def login_of(self, secret: SessionSecret) -> str | None:
        login: str | None = json.loads(secret.text).get("login")
        return login


@pytest.fixture
def shared(consents: Consents) -> Consents:
    """Both accounts are of one login, and each has a token of its own."""
    known = consents.services.platforms[FAKEHUB.name]
    client = replace(known, authorizers={WayIn.GOOGLE: OneConsent(consents.world)})
    parts = {**consents.services.platforms, FAKEHUB.name: client}
    object.__setattr__(consents.services, "platforms", parts)
    consents.world.accounts = [
        replace(one, login_id="the login", grant=Grant(secret_of(one.username), consents.world.scopes))
        for one in (ADA, BEA)
    ]
    return consents


def secret_of(name: str) -> SessionSecret:
    return SessionSecret(json.dumps({"access_token": f"token of {name}", "login": "the login"}))


async def test_the_chosen_account_has_its_own_token_and_the_id_of_its_login(shared: Consents) -> None:
    await shared.connected("8")
    (connection,) = shared.connections()
    assert connection["login_id"] == "the login"
    assert await shared.token(connection) == "token of bea"


async def test_an_account_without_such_an_id_has_none(consents: Consents) -> None:
    await consents.connected()
    (connection,) = consents.connections()
    assert connection["login_id"] is None


class KnownLive(Live):
    """The account, whose reading names the login."""

    login_id = "the login"


async def test_a_connection_of_an_older_version_gets_the_id_of_its_login_at_its_next_reading(
    consents: Consents,
) -> None:
    profile_id = (await consents.connected())["profile_id"]

    @asynccontextmanager
    async def opened(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
        yield KnownLive(consents.world, secret)

    client = replace(consents.services.platforms[FAKEHUB.name], openers={WayIn.GOOGLE: opened})
    object.__setattr__(consents.services, "platforms", {**consents.services.platforms, FAKEHUB.name: client})
    consents.owner.execute("delete from sync_jobs where kind = 'SYNC'")
    consents.owner.execute(
        "insert into sync_jobs (user_id, profile_id, kind) values (%s, %s, 'CHECK_SESSION')",
        (consents.user_id, profile_id),
    )
    ctx = await claim(consents.pool, [JobKind.CHECK_SESSION])
    await attempt(ctx, partial(check_session.run, services=consents.services), RULES, consents.pool)
    assert consents.job(ctx.job.id)["state"] == "COMPLETED"
    (connection,) = consents.connections()
    assert connection["login_id"] == "the login"


async def test_the_consent_of_a_login_ends_with_its_last_connection(
    shared: Consents, web_pool: ConnectionPool[WebConnection]
) -> None:
    for account in ("7", "8"):
        await shared.connected(account)
    for profile, dead in zip(shared.profiles(), ([], ["token of bea"]), strict=True):
        with tenant(web_pool, shared.user_id) as conn:
            connections.disconnect(conn, profile["id"])
        ctx = await claim(shared.pool, [JobKind.REVOKE])
        await attempt(ctx, partial(revoke.run, services=shared.services), RULES, shared.pool)
        job = shared.job(ctx.job.id)
        assert (job["state"], job["sealed"]) == ("COMPLETED", None)
        assert shared.world.dead == dead
