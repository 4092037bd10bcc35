"""Posts that left the tabs: only a whole reading misses them, and only a look says what became of them."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from shared.domain.social import PlatformId, ProfileFacts
from shared.errors import JobError, ListNotVisible, UnexpectedAnswer, UnknownUser
from tests.conftest import Personas
from tests.worker.handling import Script, connect
from tests.worker.jobs.sync.test_live_stories import NOW, Desk, Owner, Pool, post

pytestmark = pytest.mark.slow


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> Desk:
    """Three posts were read whole, and a day has passed."""
    script = Script(NOW, ProfileFacts(PlatformId("9"), "alice.test"), shown_posts=[post(n) for n in (1, 2, 3)])
    profile_id = make_profile(people.alice, external_id="9", media_count=3, observed_at=NOW)
    made = Desk(owner, worker_pool, script, people.alice, profile_id, make_job)
    await connect(worker_pool, made.services, people.alice, profile_id)
    await made.media()
    script.now = NOW + timedelta(days=8)
    owner.execute("update profiles set observed_at = %s", (script.now,))
    return made


def became(desk: Desk) -> dict[str, str | None]:
    return {row["platform_id"]: row["gone_as"] for row in desk.rows("select platform_id, gone_as from media")}


def shows(desk: Desk, *numbers: int) -> None:
    desk.script.shown_posts = [post(number) for number in numbers]


async def test_what_a_whole_reading_misses_is_looked_up_and_told_as_what_it_is(desk: Desk) -> None:
    shows(desk, 1)
    desk.script.archive = [post(2)]
    assert (await desk.media())[-2:] == ["archived 0", "media 3"]
    assert became(desk) == {"1": None, "2": "archived", "3": "deleted"}
    gone = desk.rows("select gone_at, likes from media where gone_at is not null")
    assert [(row["gone_at"], row["likes"]) for row in gone] == [(desk.script.now, 3)] * 2
    assert len(desk.rows("select * from media_metrics")) == 3


async def test_a_post_that_still_answers_is_not_gone(desk: Desk) -> None:
    shows(desk, 1, 2)
    desk.script.by_id = {"3": post(3)}
    assert (await desk.media())[-1] == "media 3"
    assert became(desk) == {"1": None, "2": None, "3": None}
    assert desk.rows("select * from media where missing_since is not null") == []


async def test_a_post_that_comes_back_is_there_again(desk: Desk) -> None:
    shows(desk, 1, 2)
    desk.script.archive = [post(3)]
    await desk.media()
    assert became(desk)["3"] == "archived"
    shows(desk, 1, 2, 3)
    desk.script.now += timedelta(days=8)
    desk.owner.execute("update profiles set observed_at = %s", (desk.script.now,))
    await desk.media()
    assert became(desk)["3"] is None
    assert desk.rows("select * from media where gone_at is not null") == []


async def test_a_reading_of_the_newest_or_an_empty_answer_misses_nobody(desk: Desk) -> None:
    shows(desk, 40, 41, 42, 43)
    await desk.media()
    shows(desk, 40, 41, 42)
    desk.script.now += timedelta(days=1)
    desk.owner.execute("update profiles set observed_at = %s", (desk.script.now,))
    assert await desk.media() == ["posts 0", "reels 0"]
    shows(desk)
    assert await desk.media() == ["posts 0", "reels 0"]
    assert became(desk)["43"] is None


async def test_what_could_not_be_looked_up_is_not_told_as_gone_and_is_looked_up_after_the_next_whole_reading(
    desk: Desk,
) -> None:
    shows(desk, 1, 2)

    def refuse(what: str) -> None:
        if what.startswith(("archived", "media")):
            raise UnexpectedAnswer

    desk.script.before = refuse
    await desk.media()
    assert became(desk)["3"] is None
    desk.script.before = lambda _: None
    assert (await desk.media())[-1] == "media 3"
    assert became(desk)["3"] == "deleted"


async def test_what_was_archived_before_it_was_ever_seen_is_kept_from_the_archive(desk: Desk) -> None:
    desk.owner.execute(
        "insert into insights (user_id, profile_id, source, metric, period, posted_at, value, captured_at)"
        " values (%s, %s, 'data_download', 'reach', 'lifetime', %s, 1200, %s)",
        (desk.user_id, desk.profile_id, post(6).posted_at, NOW),
    )
    desk.script.archive = [post(n) for n in (5, 6, 7)]
    assert (await desk.media())[-2:] == ["archived 0", "archived 2"]
    assert became(desk) == {"1": None, "2": None, "3": None, "5": "archived", "6": "archived", "7": "archived"}
    kept = desk.rows("select gone_at, first_seen_at, in_grid, likes from media where gone_as is not null")
    assert [tuple(row.values()) for row in kept] == [(desk.script.now, desk.script.now, None, 3)] * 3
    assert desk.rows(
        "select count(*) as n from media_metrics where media_id in (select id from media where gone_as is not null)"
    ) == [{"n": 3}]
    assert desk.rows("select m.platform_id from insights i join media m on m.id = i.media_id") == [{"platform_id": "6"}]
    assert desk.rows("select * from media_staged") == []


async def test_the_archive_is_kept_once_and_a_post_that_is_shown_again_leaves_it(desk: Desk) -> None:
    desk.script.archive = [post(5)]
    await desk.media()
    desk.script.now += timedelta(days=1)
    desk.owner.execute("update profiles set observed_at = %s", (desk.script.now,))
    assert "archived 0" not in await desk.media(), "a reading of the newest tells nothing of the archive"
    desk.script.archive = []
    shows(desk, 1, 2, 3, 5)
    await desk.media()
    assert became(desk)["5"] is None


@pytest.mark.parametrize("error", [UnexpectedAnswer(), UnknownUser(), ListNotVisible()], ids=lambda error: error.code)
async def test_an_archive_that_is_not_shown_is_no_fault_of_the_reading(desk: Desk, error: JobError) -> None:
    def refuse(what: str) -> None:
        if what.startswith("archived"):
            raise error

    desk.script.before = refuse
    desk.script.archive = [post(5)]
    assert (await desk.media())[-1] == "archived 0"
    assert became(desk) == {"1": None, "2": None, "3": None}
