"""An account that is followed up already gets a second connection: by its id, or by its name once the person agrees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from shared.domain.jobs import JobKind
from shared.domain.social import PlatformId
from shared.error_text import message
from shared.platforms import PLATFORMS
from shared.store.queue import schedule
from tests.rig.two_ways import OFFICIAL, OTHER_IDS
from tests.worker.both_ways import Desk

Make = Callable[..., UUID]
NO = "no"


@pytest.fixture
def other_ids(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The official way in names the account 178 and not 7."""
    monkeypatch.setitem(PLATFORMS, OTHER_IDS.name, OTHER_IDS)
    desk.world.official_id = PlatformId("178")
    return desk


@pytest.fixture
def profile(desk: Desk, make_profile: Make) -> UUID:
    """The account as the browser connected it."""
    return make_profile(desk.user_id, "ada", platform="fakegram", external_id="7")


def methods(desk: Desk) -> list[tuple[UUID, str, str | None]]:
    rows = desk.owner.execute("select profile_id, method, account_id from public.connections order by method")
    return [(row["profile_id"], row["method"], row["account_id"]) for row in rows]


async def test_an_account_with_the_same_id_joins_its_profile(desk: Desk, profile: UUID) -> None:
    await desk.by_browser(profile)
    desk.world.username = "ada.renamed"
    job = await desk.consent()
    assert (job["state"], job["profile_id"]) == ("COMPLETED", profile)
    assert methods(desk) == [(profile, "browser", None), (profile, OFFICIAL, None)]
    first = desk.jobs("PENDING")["SYNC"]
    assert first["args"] == {"way_in": OFFICIAL}
    assert (await desk.work([JobKind.SYNC]))["state"] == "COMPLETED"
    assert "SYNC_FOLLOWERS" not in desk.jobs(), "the browser has its own times"
    assert desk.only("select username from public.profiles")["username"] == "ada.renamed"


async def test_a_sync_by_browser_that_is_under_way_does_not_hold_up_the_first_figures(
    desk: Desk, profile: UUID, make_job: Make
) -> None:
    await desk.by_browser(profile)
    walk = make_job(desk.user_id, profile, "SYNC")
    assert (await desk.consent())["state"] == "COMPLETED"
    assert [job["id"] for job in desk.jobs("PENDING").values()] == [walk]
    async with desk.pool.connection() as conn:
        await schedule.enqueue_due(conn)
    made = desk.jobs("PENDING")
    assert made.keys() == {"SYNC", "SYNC_PROFILE", "SYNC_STORIES"}
    assert {kind: job["connection_id"] == made["SYNC"]["connection_id"] for kind, job in made.items()} == {
        "SYNC": True,
        "SYNC_PROFILE": False,
        "SYNC_STORIES": False,
    }


async def test_an_account_of_the_same_name_joins_once_the_person_agrees(other_ids: Desk, profile: UUID) -> None:
    desk = other_ids
    await desk.by_browser(profile)
    job = await desk.consent(str(profile))
    assert (job["state"], job["profile_id"]) == ("COMPLETED", profile)
    assert methods(desk) == [(profile, "browser", None), (profile, OFFICIAL, "178")]
    assert (await desk.work([JobKind.SYNC]))["state"] == "COMPLETED"
    assert "official stories of 178" in desk.world.requests
    assert desk.only("select external_id from public.profiles")["external_id"] == "7"
    # From now on the id says it.
    desk.world.username = "ada.renamed"
    assert (await desk.consent())["profile_id"] == profile


async def test_an_account_that_the_person_says_is_another_is_not_connected(other_ids: Desk, profile: UUID) -> None:
    desk = other_ids
    await desk.by_browser(profile)
    job = await desk.consent("what is this", NO)
    assert (job["state"], job["error_code"]) == ("FAILED", "wrong_account")
    assert message(job["error_code"], job["error_params"], "fakegram") == (
        "Another profile of yours has this username, and you said that it is another account. "
        "Delete that profile, or wait until its account is renamed there; then connect again."
    )
    assert methods(desk) == [(profile, "browser", None)]
    assert desk.world.dead == {"token-1"}, "its grant is revoked"


async def test_no_answer_connects_nothing(other_ids: Desk, profile: UUID) -> None:
    desk = other_ids
    await desk.by_browser(profile)
    object.__setattr__(desk.services.settings, "code_wait", timedelta(0))
    assert (await desk.consent())["error_code"] == "nobody_answered"
    assert methods(desk) == [(profile, "browser", None)]


async def test_a_first_connection_by_an_id_of_its_own_leaves_the_platforms_id_open(other_ids: Desk) -> None:
    desk = other_ids
    job = await desk.consent()
    row = desk.only("select external_id, state from public.profiles")
    assert (job["state"], row) == ("COMPLETED", {"external_id": None, "state": "CONNECTED"})
    assert (await desk.work([JobKind.SYNC]))["state"] == "COMPLETED"
    assert desk.only("select external_id from public.profiles")["external_id"] is None


async def test_another_account_that_took_over_the_name_is_refused(other_ids: Desk, profile: UUID) -> None:
    desk = other_ids
    assert (await desk.consent(str(profile)))["state"] == "COMPLETED"
    desk.world.official_id = PlatformId("999")
    job = await desk.consent()
    assert (job["error_code"], job["error_params"]["variant"]) == ("wrong_account", "moved")
