"""Access is renewed before it ends; where that fails, one connection ends with its reason, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.domain.jobs import JobKind
from shared.error_text import message
from shared.errors import LeaseLost, SiteFailed
from shared.store.queue import renewals
from shared.store.users import email_alerts
from tests.rig.two_ways import OFFICIAL
from tests.worker.both_ways import Desk
from tests.worker.handling import claim, taken_over
from worker.jobs.connect import renew
from worker.platforms.authorization import Grant

Make = Callable[..., UUID]
RENEW = [JobKind.RENEW_ACCESS]
SOON = timedelta(days=10)


@pytest.fixture
def profile(desk: Desk, make_profile: Make) -> UUID:
    return make_profile(desk.user_id, "ada", platform="fakegram", external_id="7")


async def due(desk: Desk) -> int:
    async with desk.pool.connection() as conn:
        return await renewals.enqueue_due(conn)


@pytest.mark.parametrize(
    ("ends_in", "number"),
    [(timedelta(days=40), 0), (timedelta(days=19), 1), (timedelta(minutes=1), 1), (timedelta(hours=-3), 1)],
)
async def test_access_is_due_from_the_time_on_that_its_provider_declares(
    desk: Desk, profile: UUID, ends_in: timedelta, number: int
) -> None:
    await desk.by_token(profile, ends_in)
    assert await due(desk) == number


async def test_a_connection_is_looked_at_once_an_hour_and_never_twice_at_a_time(desk: Desk, profile: UUID) -> None:
    token = await desk.by_token(profile, SOON)
    made = await asyncio.gather(due(desk), due(desk))
    assert sorted(made) == [0, 1]
    desk.owner.execute("update public.connections set refresh_looked_at = now() - interval '2 hours'")
    assert await due(desk) == 0, "a renewal is under way"
    await desk.work(RENEW)
    desk.owner.execute("update public.connections set expires_at = now() + interval '1 day'")
    assert await due(desk) == 1
    await desk.work(RENEW)
    desk.owner.execute("update public.connections set expires_at = now() + interval '1 day', refresh_looked_at = now()")
    assert await due(desk) == 0
    assert desk.connection(token)["state"] == "ACTIVE"


async def test_what_has_no_end_or_does_not_work_is_left_alone(desk: Desk, profile: UUID, make_profile: Make) -> None:
    endless = await desk.by_token(profile, SOON)
    desk.owner.execute("update public.connections set expires_at = null where id = %s", (endless,))
    other = make_profile(desk.user_id, "bea", platform="fakegram")
    over = await desk.by_token(other, SOON)
    desk.owner.execute("update public.connections set state = 'EXPIRED' where id = %s", (over,))
    assert await due(desk) == 0


async def test_the_new_token_takes_the_place_of_the_old_one(desk: Desk, profile: UUID) -> None:
    token = await desk.by_token(profile, SOON)
    await due(desk)
    assert (await desk.work(RENEW))["state"] == "COMPLETED"
    row = desk.connection(token)
    assert await desk.token(token) == "token-2"
    assert row["expires_at"] > datetime.now(UTC) + timedelta(days=59)
    assert row["refreshed_at"] is not None
    assert row["scopes"] == ["hub.figures", "hub.read"]
    assert await due(desk) == 0


async def test_a_renewal_waits_for_the_sync_that_uses_the_token(desk: Desk, profile: UUID, make_job: Make) -> None:
    await desk.by_token(profile, SOON)
    make_job(desk.user_id, profile, "SYNC_STORIES", priority=0)
    await due(desk)
    running = await claim(desk.pool)
    assert running.job.kind is JobKind.SYNC_STORIES
    assert desk.jobs()["RENEW_ACCESS"]["lane"] == desk.jobs()["SYNC_STORIES"]["lane"]
    with pytest.raises(AssertionError):
        await claim(desk.pool)


async def test_a_provider_that_is_down_is_asked_again_and_ends_nothing(desk: Desk, profile: UUID) -> None:
    token = await desk.by_token(profile, SOON)
    desk.world.faults = [SiteFailed()]
    await due(desk)
    job = await desk.work(RENEW)
    assert (job["state"], job["error_code"]) == ("WAITING", "site_failed")
    desk.owner.execute("update public.sync_jobs set run_at = now()")
    assert (await desk.work(RENEW))["state"] == "COMPLETED"
    assert (desk.connection(token)["state"], await desk.token(token)) == ("ACTIVE", "token-2")
    assert desk.alerts() == []


async def test_the_token_that_dies_at_three_in_the_night_ends_its_connection_alone(
    desk: Desk, profile: UUID, make_job: Make, web_pool: ConnectionPool[WebConnection]
) -> None:
    with tenant(web_pool, desk.user_id) as conn:
        email_alerts.set_preference(conn, desk.user_id, True)
    desk.owner.execute(
        "insert into public.email_confirmations (user_id, address, state, confirmed_at)"
        " select id, email, 'SENT', now() from auth.users where id = %s",
        (desk.user_id,),
    )
    browser = await desk.by_browser(profile)
    token = await desk.by_token(profile, timedelta(days=2))
    desk.world.faults = [SiteFailed()]
    await due(desk)
    assert (await desk.work(RENEW))["state"] == "WAITING"
    # Two days later: the provider never answered.
    desk.owner.execute("update public.connections set expires_at = now() - interval '1 minute' where id = %s", (token,))
    desk.owner.execute("update public.sync_jobs set run_at = now()")
    ended = await desk.work(RENEW)
    assert (ended["state"], ended["error_code"]) == ("FAILED", "access_revoked")
    row = desk.connection(token)
    assert (row["state"], row["state_code"]) == ("EXPIRED", "access_revoked")
    assert message(row["state_code"], row["state_params"], "fakegram") == (
        "Rollcall tried to renew the access that you gave to Fakegram, and did not succeed in time. "
        "Connect the account again."
    )
    assert desk.alerts() == [("session_dead", OFFICIAL, True)]
    async with desk.pool.connection() as conn:
        assert await email_alerts.plan(conn) == 1
    assert await due(desk) == 0
    # The browser goes on, and says nothing about the token.
    make_job(desk.user_id, profile, "SYNC_PROFILE")
    assert (await desk.work([JobKind.SYNC_PROFILE]))["state"] == "COMPLETED"
    async with desk.pool.connection() as conn:
        assert await email_alerts.plan(conn) == 0, "one episode is one mail"
    assert desk.connection(browser)["state"] == "ACTIVE"
    assert desk.only("select state from public.profiles")["state"] == "CONNECTED"
    # Connecting again ends the episode.
    assert (await desk.consent())["state"] == "COMPLETED"
    assert desk.alerts() == [("session_dead", OFFICIAL, False)]
    assert desk.connection(token)["state"] == "ACTIVE"


async def test_a_token_that_ended_between_two_looks_is_noticed_at_its_end(desk: Desk, profile: UUID) -> None:
    token = await desk.by_token(profile, timedelta(minutes=-1), refresh_looked_at=datetime.now(UTC) - SOON)
    desk.owner.execute("update public.connections set refresh_looked_at = expires_at - interval '1 minute'")
    assert await due(desk) == 1
    await desk.work(RENEW)
    assert desk.connection(token)["state"] == "EXPIRED"
    assert desk.world.calls == [], "a provider renews nothing that has ended"


async def test_a_kill_between_answer_and_commit_ends_in_connect_again_for_that_connection_alone(
    desk: Desk, profile: UUID
) -> None:
    """The provider forgot the old token as it gave the new one, which died with the worker."""
    browser = await desk.by_browser(profile)
    token = await desk.by_token(profile, SOON)
    await due(desk)
    ctx = await claim(desk.pool, RENEW)
    official = desk.services.client("fakegram").authorizers[OFFICIAL]
    real, other = official.refresh, []

    async def answered_and_killed(secret: object) -> Grant | None:
        grant = await real(secret)  # type: ignore[arg-type]
        other.append(await taken_over(desk.pool, ctx))
        return grant

    official.refresh = answered_and_killed  # type: ignore[method-assign]
    with pytest.raises(LeaseLost):
        await renew.run(ctx, desk.services)
    official.refresh = real  # type: ignore[method-assign]
    assert await desk.token(token) == "token-1"
    with pytest.raises(Exception, match="no longer accepts the access"):
        await renew.run(other[0], desk.services)
    assert (desk.connection(token)["state"], desk.connection(browser)["state"]) == ("EXPIRED", "ACTIVE")
    assert desk.alerts() == [("session_dead", OFFICIAL, True)]


async def test_a_token_that_was_connected_anew_meanwhile_stays(desk: Desk, profile: UUID) -> None:
    token = await desk.by_token(profile, SOON)
    before = desk.connection(token)["secret"]
    assert (await desk.consent())["state"] == "COMPLETED"
    async with desk.pool.connection() as conn:
        stored = await renewals.renew(
            conn, desk.user_id, token, opened=before, secret=b"late", scopes=[], expires_at=None
        )
    assert not stored
    assert await desk.token(token) == "token-2"
