"""A session that ends: told apart, told to the person, and mended without them only where they ticked it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from sandbox.instagram.faults import Fault, FaultKind, Where
from sandbox.instagram.login.account import TwoFactor
from sandbox.instagram.login.logged_out import LoggedOut
from sandbox.server import Running
from shared.domain.jobs import JobKind
from shared.store.queue import claims
from shared.store.users import data_keys
from shared.vault import DataKey, Place
from tests.conftest import Personas
from tests.said import alert_said, state_said
from tests.worker.handling import connect
from tests.worker.instagram import LEASE, RULES, Desk, Owner, Pool, services_for, settings_for, signed_in, stand_in
from tests.worker.jobs.connect.test_login import everything, stored_session
from worker.browser.pool import BrowserPool
from worker.jobs.connect import check_session
from worker.runner.attempt import attempt
from worker.runner.context import Context

pytestmark = pytest.mark.slow
MakeJob = Callable[..., UUID]


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[BrowserPool]:
    pool = BrowserPool(settings_for("http://127.0.0.1:9"))
    yield pool
    await pool.close()


@pytest.fixture
def site() -> Iterator[Running]:
    running = stand_in(TwoFactor.TOTP)
    yield running
    running.stop()


@pytest.fixture
def desk(
    worker_pool: Pool,
    browser: BrowserPool,
    site: Running,
    people: Personas,
    owner: Owner,
    make_profile: Callable[..., UUID],
) -> Desk:
    services = services_for(worker_pool, browser, settings_for(site.url))
    return Desk(
        services, owner, people.alice, make_profile(people.alice, site.credentials.username, state="CONNECTING")
    )


async def check(desk: Desk, make_job: MakeJob) -> dict[str, Any]:
    """Works on one CHECK_SESSION job to the end of its attempt."""
    make_job(desk.user_id, desk.profile_id, "CHECK_SESSION")
    async with desk.services.pool.connection() as conn:
        claimed = await claims.claim(conn, "tests", LEASE, [JobKind.CHECK_SESSION], 1)
    ctx = Context(claimed[0], desk.services.pool, lease=LEASE, poll=LEASE)
    await attempt(ctx, partial(check_session.run, services=desk.services), RULES, desk.services.pool)
    return desk.row("select * from public.sync_jobs where id = %s", ctx.job.id)


def alerts(desk: Desk) -> list[str]:
    rows = desk.owner.execute("select kind, subject, params from public.alerts order by id").fetchall()
    return [row["kind"] for row in rows]


def end_session(site: Running, over: LoggedOut = LoggedOut.REQUIRE_LOGIN) -> None:
    site.site.sessions.drop_all(over)


async def ready(desk: Desk, site: Running, *, again: bool = False) -> None:
    """Leaves what a login by the form leaves, and with `again` what one leaves that may be repeated."""
    known = site.credentials
    secret = await signed_in(desk.services.browser, site)
    await connect(desk.services.pool, desk.services, desk.user_id, desk.profile_id, secret)
    desk.owner.execute("update public.profiles set state = 'CONNECTED', external_id = %s", (known.user_id,))
    if again:
        login = json.dumps({"username": known.username, "password": known.password})
        for column, text in (("login_secret", login), ("totp_secret", known.totp_secret or "")):
            place, key = await place_of(desk, column)
            desk.owner.execute(
                f"update public.connections set {column} = %s".encode(), (key.encrypt(text.encode(), place),)
            )


async def place_of(desk: Desk, column: str) -> tuple[Place, DataKey]:
    async with desk.services.pool.connection() as conn:
        key = await data_keys.data_key(conn, desk.services.keyring, desk.user_id)
    return Place("connections", column, desk.user_id, desk.connection()["id"]), key


async def log_in(desk: Desk, site: Running, totp_secret: str | None, *, again: bool) -> dict[str, Any]:
    known = site.credentials
    desk.enter(known.username, known.password, totp_secret, log_in_again=again)
    right = lambda _: {"code": site.site.account.current_totp() or ""}  # noqa: E731
    return await desk.run(*([] if totp_secret else [right]))


@pytest.mark.parametrize("over", list(LoggedOut))
async def test_a_session_that_is_over_is_told_whatever_form_that_takes(
    over: LoggedOut, desk: Desk, site: Running, make_job: MakeJob
) -> None:
    await ready(desk, site)
    before = site.site.requests.copy()
    assert (await check(desk, make_job))["state"] == "COMPLETED"
    asked = site.site.requests - before
    assert (asked["by_pk"], asked["edit"], asked["who_am_i"]) == (1, 0, 0)
    assert desk.connection()["checked_at"] is not None
    desk.owner.execute("update public.connections set checked_at = null")
    end_at_the_next_call(site, over)
    assert (await check(desk, make_job))["error_code"] in ("session_dead", "user_agent_mismatch")
    assert (desk.profile()["state"], desk.connection()["state"]) == ("NEEDS_LOGIN", "EXPIRED")
    assert desk.connection()["checked_at"] is not None
    assert alerts(desk) == ["session_dead"]
    assert desk.owner.execute("select 1 from public.sync_jobs where kind = 'LOGIN' and state = 'PENDING'").rowcount == 0


def end_at_the_next_call(site: Running, over: LoggedOut) -> None:
    """The next data call ends the session, when the page is open already."""
    site.site.faults.add(Fault(FaultKind.LOGGED_OUT, Where.JSON, 1, 0, 0, over))


@pytest.mark.parametrize("variant", ["id_html", "id_gone"])
async def test_who_am_i_survives_a_way_that_does_not_tell(
    variant: str, desk: Desk, site: Running, make_job: MakeJob
) -> None:
    await ready(desk, site)
    site.site.faults.add(Fault(FaultKind.WHO_AM_I, Where.JSON, 1, 0, 0, variant))
    assert (await check(desk, make_job))["state"] == "COMPLETED"
    for both in (variant, "form_loop"):
        site.site.faults.add(Fault(FaultKind.WHO_AM_I, Where.JSON, 100, 0, 0, both))
    job = await check(desk, make_job)
    assert (job["state"], job["error_code"]) == ("WAITING", "unexpected_answer")
    assert desk.profile()["state"] == "CONNECTED"


async def test_a_session_comes_back_by_itself_with_the_same_device_but_not_twice_in_a_row(
    desk: Desk, site: Running, make_job: MakeJob, capfd: Any
) -> None:
    assert (await log_in(desk, site, site.credentials.totp_secret, again=True))["state"] == "COMPLETED"
    first = await stored_session(desk)
    place, key = await place_of(desk, "login_secret")
    assert json.loads(key.decrypt(desk.connection()["login_secret"], place))["password"] == site.credentials.password
    end_session(site)
    await check(desk, make_job)
    assert alerts(desk) == []
    assert "logs in again by itself now" in state_said(desk.profile())
    assert (await desk.run())["state"] == "COMPLETED"
    again = await stored_session(desk)
    assert desk.profile()["state"] == "CONNECTED"
    assert again.cookie("sessionid") != first.cookie("sessionid")
    assert again.cookie("mid") == first.cookie("mid")
    end_session(site)
    await check(desk, make_job)
    assert alerts(desk) == ["session_dead"]
    waiting = desk.row("select count(*) as n from public.sync_jobs where kind = 'LOGIN' and state = 'PENDING'")
    assert waiting["n"] == 0
    written = capfd.readouterr()
    for secret in (site.credentials.password, site.credentials.totp_secret, again.cookie("sessionid")):
        assert secret
        assert secret not in written.out + written.err + everything(desk.owner)


@pytest.mark.parametrize("trouble", ["password", "checkpoint", "code"])
async def test_a_refusal_or_a_question_erases_the_stored_password_and_is_told(
    trouble: str, desk: Desk, site: Running, make_job: MakeJob
) -> None:
    await ready(desk, site, again=True)
    end_session(site)
    await check(desk, make_job)
    if trouble == "password":
        site.site.account.password = "changed"
    elif trouble == "checkpoint":
        site.site.faults.add(Fault(FaultKind.CHECKPOINT, Where.LOGIN, 1, 400, 0))
    else:
        desk.owner.execute("update public.connections set totp_secret = null")
    assert (await desk.run())["state"] == "FAILED"
    connection = desk.connection()
    assert (connection["login_secret"], connection["has_login_secret"]) == (None, False)
    assert alerts(desk)[-1] == "login_failed"
    said = alert_said(desk.row("select * from public.alerts order by id desc limit 1"))
    assert "could not log in again by itself" in said
    assert "password was erased" in said
    assert desk.profile()["state"] in ("NEEDS_LOGIN", "CHALLENGED")


async def test_a_fault_of_the_site_keeps_the_password_for_the_next_try(
    desk: Desk, site: Running, make_job: MakeJob
) -> None:
    await ready(desk, site, again=True)
    end_session(site)
    await check(desk, make_job)
    site.site.faults.add(Fault(FaultKind.HTTP_500, Where.LOGIN, 1, 500, 0))
    assert (await desk.run())["state"] == "WAITING"
    assert "has not worked yet" in state_said(desk.profile())
    assert desk.connection()["has_login_secret"] is True


async def test_without_an_authenticator_secret_a_password_is_not_kept_and_that_is_said(
    desk: Desk, site: Running
) -> None:
    assert (await log_in(desk, site, None, again=True))["state"] == "COMPLETED"
    assert desk.connection()["login_secret"] is None
    assert alerts(desk) == ["login_failed"]


async def test_the_device_of_a_login_that_failed_is_the_next_ones_and_an_unticked_box_erases_a_password(
    desk: Desk, site: Running
) -> None:
    desk.enter(site.credentials.username, "not the password")
    assert (await desk.run())["state"] == "FAILED"
    first = await stored_session(desk)
    assert first.cookie("mid")
    assert first.cookie("sessionid") is None
    assert desk.connection()["state"] == "PENDING"
    desk.owner.execute("update public.connections set login_secret = 'x'")
    await log_in(desk, site, site.credentials.totp_secret, again=False)
    assert desk.connection()["login_secret"] is None
    again = await stored_session(desk)
    for name in ("mid", "ig_did", "datr"):
        assert again.cookie(name) == first.cookie(name)
