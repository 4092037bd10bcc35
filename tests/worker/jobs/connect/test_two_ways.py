"""One profile with two connections: which one does which job, what holds up what, and what ends with which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from psycopg_pool import ConnectionPool

from shared.db.pools import WebConnection, tenant
from shared.domain.jobs import JobKind
from shared.domain.social import PlatformId
from shared.store.profiles import connections
from shared.store.queue import claims, schedule
from tests.conftest import Personas
from tests.rig.two_ways import OFFICIAL
from tests.worker.both_ways import Desk
from tests.worker.handling import LEASE

Make = Callable[..., UUID]
DUE = datetime.now(UTC) - timedelta(minutes=1)


@pytest.fixture
def profile(desk: Desk, make_profile: Make) -> UUID:
    return make_profile(desk.user_id, "ada", platform="fakegram", external_id="7", due={"SYNC_PROFILE": DUE})


async def test_each_kind_of_job_gets_the_connection_that_offers_it_the_official_one_first(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    browser = await desk.by_browser(profile)
    token = await desk.by_token(profile)
    kinds = ("SYNC", "SYNC_PROFILE", "SYNC_FOLLOWERS", "SYNC_STORIES", "LOGIN")
    made = {kind: desk.job(make_job(desk.user_id, profile, kind))["lane"] for kind in kinds}
    assert made == {
        "SYNC": token,
        "SYNC_PROFILE": token,
        "SYNC_FOLLOWERS": browser,
        "SYNC_STORIES": token,
        "LOGIN": browser,
    }


async def test_the_browser_does_what_the_official_way_in_cannot_do_now(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    browser = await desk.by_browser(profile)
    token = await desk.by_token(profile)
    desk.owner.execute(
        "update public.connections set cooldown_until = now() + interval '1 hour', cooldown_code = 'rate_limited'"
        " where id = %s",
        (token,),
    )
    assert desk.job(make_job(desk.user_id, profile, "SYNC_PROFILE"))["lane"] == browser
    assert desk.job(make_job(desk.user_id, profile, "SYNC_STORIES"))["lane"] == token, "nothing else reads stories"


async def test_the_session_that_was_not_checked_for_the_longest_time_is_checked(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    browser = await desk.by_browser(profile)
    await desk.by_token(profile, checked_at=datetime.now(UTC))
    assert desk.job(make_job(desk.user_id, profile, "CHECK_SESSION"))["lane"] == browser


async def test_a_login_never_takes_the_lane_of_a_token(desk: Desk, profile: UUID, make_job: Make) -> None:
    await desk.by_token(profile)
    job = make_job(desk.user_id, profile, "LOGIN")
    assert desk.job(job)["connection_id"] is None
    browser = await desk.by_browser(profile)
    assert desk.job(job)["lane"] == browser


async def test_a_sync_of_everything_hands_on_what_the_other_connection_does_and_every_figure_names_its_source(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    browser = await desk.by_browser(profile)
    token = await desk.by_token(profile)
    make_job(desk.user_id, profile, "SYNC")
    assert (await desk.work([JobKind.SYNC]))["state"] == "COMPLETED"
    assert [asked for asked in desk.world.requests if "list" in asked] == []
    assert "official stories of 7" in desk.world.requests
    handed_on = desk.jobs("PENDING")["SYNC_FOLLOWERS"]
    assert (handed_on["lane"], handed_on["priority"]) == (browser, 100)
    assert (await desk.work([JobKind.SYNC_FOLLOWERS]))["state"] == "COMPLETED"
    assert "follower by list" in desk.world.requests
    sources = desk.owner.execute("select distinct source from public.profile_counts").fetchall()
    assert {row["source"] for row in sources} >= {OFFICIAL}
    assert desk.connection(token)["last_used_at"] is not None


async def test_a_retried_sync_hands_on_once(desk: Desk, profile: UUID, make_job: Make) -> None:
    await desk.by_browser(profile)
    await desk.by_token(profile)
    cursor = '{"done": ["others", "profile"], "name": null, "step": null}'
    make_job(desk.user_id, profile, "SYNC", cursor=cursor)
    assert (await desk.work([JobKind.SYNC]))["state"] == "COMPLETED"
    assert "SYNC_FOLLOWERS" not in desk.jobs()


async def test_a_long_walk_by_browser_does_not_hold_up_a_story_that_the_token_reads(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    await desk.by_browser(profile)
    await desk.by_token(profile)
    made = [make_job(desk.user_id, profile, kind) for kind in ("SYNC_FOLLOWERS", "SYNC_STORIES", "SYNC_PROFILE")]
    async with desk.pool.connection() as conn:
        claimed = await claims.claim(conn, "tests", LEASE, list(JobKind), 5)
    assert [job.id for job in claimed] == made[:2], "the profile waits for the story: one at a time by token"


async def test_viewers_of_a_story_that_the_token_read_are_read_by_browser(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    await desk.by_token(profile)
    desk.world.live = [PlatformId("41")]
    make_job(desk.user_id, profile, "SYNC_STORIES")
    assert (await desk.work([JobKind.SYNC_STORIES]))["state"] == "COMPLETED"
    assert "SYNC_VIEWERS" not in desk.jobs(), "nothing shows them"
    browser = await desk.by_browser(profile)
    make_job(desk.user_id, profile, "SYNC_STORIES")
    assert (await desk.work([JobKind.SYNC_STORIES]))["state"] == "COMPLETED"
    assert desk.jobs("PENDING")["SYNC_VIEWERS"]["lane"] == browser
    assert (await desk.work([JobKind.SYNC_VIEWERS]))["state"] == "COMPLETED"
    seen = desk.only("select p.username, m.platform_id from media_people p join media m on m.id = p.media_id")
    assert seen == {"username": "bob", "platform_id": "41"}


async def test_schedules_are_of_the_kinds_that_a_working_connection_offers(desk: Desk, profile: UUID) -> None:
    token = await desk.by_token(profile)
    assert desk.scheduled(profile) == {"SYNC_PROFILE", "SYNC_STORIES", "CHECK_SESSION", "DERIVE"}
    browser = await desk.by_browser(profile)
    both = {"SYNC_PROFILE", "SYNC_STORIES", "SYNC_FOLLOWERS", "CHECK_SESSION", "DERIVE"}
    assert desk.scheduled(profile) == both
    desk.owner.execute("update public.connections set state = 'EXPIRED' where id = %s", (token,))
    assert desk.scheduled(profile) == both - {"SYNC_STORIES"}
    desk.owner.execute("update public.profiles set schedule_paused = true")
    assert desk.scheduled(profile) == set()
    desk.owner.execute("update public.profiles set schedule_paused = false")
    desk.owner.execute("update public.connections set state = 'EXPIRED' where id = %s", (browser,))
    assert desk.scheduled(profile) == set(), "nothing works any more"


async def test_what_waits_for_a_token_that_has_ended_goes_on_by_browser(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    browser = await desk.by_browser(profile)
    token = await desk.by_token(profile)
    desk.world.dead.add(await desk.token(token))
    make_job(desk.user_id, profile, "SYNC_STORIES")
    waiting = make_job(desk.user_id, profile, "SYNC_PROFILE")
    ended = await desk.work([JobKind.SYNC_STORIES])
    assert (ended["state"], ended["error_code"]) == ("FAILED", "access_revoked")
    assert (desk.job(waiting)["state"], desk.job(waiting)["lane"]) == ("PENDING", browser)
    assert desk.connection(token)["state"] == "EXPIRED"
    assert desk.alerts() == [("session_dead", OFFICIAL, True)]
    assert (await desk.work([JobKind.SYNC_PROFILE]))["state"] == "COMPLETED"
    assert desk.alerts() == [("session_dead", OFFICIAL, True)], "the browser answers for itself alone"
    assert desk.only("select state from public.profiles")["state"] == "CONNECTED"


async def test_the_kind_that_met_the_end_of_a_token_is_due_at_once_by_browser(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    browser = await desk.by_browser(profile)
    desk.world.dead.add(await desk.token(await desk.by_token(profile)))
    later = datetime.now(UTC) + timedelta(hours=5)
    desk.owner.execute("update public.schedules set next_at = %s where kind = 'SYNC_PROFILE'", (later,))
    make_job(desk.user_id, profile, "SYNC_PROFILE")
    assert (await desk.work([JobKind.SYNC_PROFILE]))["state"] == "FAILED"
    async with desk.pool.connection() as conn:
        assert await schedule.enqueue_due(conn) == 1
    assert desk.jobs()["SYNC_PROFILE"]["lane"] == browser


async def test_disconnecting_one_connection_leaves_the_other_and_its_work(
    desk: Desk, profile: UUID, make_job: Make, web_pool: ConnectionPool[WebConnection]
) -> None:
    browser = await desk.by_browser(profile)
    token = await desk.by_token(profile)
    moved, ended = (make_job(desk.user_id, profile, kind) for kind in ("SYNC_PROFILE", "SYNC_STORIES"))
    with tenant(web_pool, desk.user_id) as conn:
        assert connections.disconnect_one(conn, token)
        assert not connections.disconnect_one(conn, token)
    row = desk.connection(token)
    assert (row["state"], row["secret"], row["expires_at"]) == ("REVOKED", None, None)
    assert (desk.job(moved)["lane"], desk.job(ended)["state"]) == (browser, "CANCELLED")
    assert (await desk.work([JobKind.REVOKE]))["state"] == "COMPLETED"
    assert desk.world.dead == {"token-1"}
    assert desk.connection(browser)["state"] == "ACTIVE"
    assert desk.only("select state from public.profiles")["state"] == "CONNECTED"


async def test_no_one_ends_the_connection_of_another_person(
    desk: Desk, profile: UUID, web_pool: ConnectionPool[WebConnection], people: Personas
) -> None:
    token = await desk.by_token(profile)
    with tenant(web_pool, people.bob) as conn:
        assert not connections.disconnect_one(conn, token)
    assert desk.connection(token)["state"] == "ACTIVE"
