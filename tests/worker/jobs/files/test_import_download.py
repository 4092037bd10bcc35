"""IMPORT with the real queue and database: exports are published, merged with what browsers read, or refused whole."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import Direction, Person, PlatformId
from shared.domain.traversal.list_verdict import Evidence
from shared.errors import ArchiveDamaged, ArchiveEmpty, ArchiveForeign, ArchiveGone, ArchiveOfAnother
from shared.files.folder import FolderFiles
from shared.store.followers import publish as published_people
from shared.store.followers import runs
from shared.store.followers.publish import Published
from shared.store.followers.runs import StagedPage
from tests.conftest import Personas
from tests.rig import archives
from tests.rig.archives import Members
from tests.said import alert_said
from tests.worker.handling import claim, services_for
from worker.jobs.files import import_download
from worker.periodic.expired_files import expire
from worker.services import Services

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
JUNE = datetime(2026, 6, 1, 8, tzinfo=UTC)


def day(number: float) -> datetime:
    return JUNE + timedelta(days=number)


def since(*names: str, first: float = -300) -> dict[str, datetime]:
    """People who followed one after the other, a day apart."""
    return {name: day(first + number) for number, name in enumerate(names)}


@dataclass
class Desk:
    """One profile, the exports that are handed over for it, and the walks of a browser."""

    owner: Owner
    pool: Pool
    services: Services
    user_id: UUID
    profile_id: UUID
    make_job: Callable[..., UUID]

    def hand_over(self, *files: bytes, names: Iterable[str] | None = None) -> UUID:
        import_id = uuid4()
        paths = [f"data-downloads/{self.user_id}/{import_id}-{number}.zip" for number in range(len(files))]
        for path, content in zip(paths, files, strict=True):
            with self.services.files.open_writer(path) as file:
                file.write(content)
        given = list(names or [f"export-{number}.zip" for number in range(len(files))])
        self.owner.execute("delete from sync_jobs")
        job = self.make_job(
            self.user_id,
            self.profile_id,
            "IMPORT",
            args=psycopg.types.json.Jsonb({"import_id": str(import_id), "all": True}),
        )
        self.owner.execute(
            "insert into imports (id, user_id, profile_id, job_id, filenames, paths, byte_count)"
            " values (%s, %s, %s, %s, %s, %s, 1)",
            (import_id, self.user_id, self.profile_id, job, given, paths),
        )
        return import_id

    async def read(self, *files: bytes, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Hands files over, runs the job, and returns its report."""
        import_id = self.hand_over(*files, names=names)
        await import_download.run(await claim(self.pool), self.services)
        return dict(self.one("select report from imports where id = %s", import_id)["report"])

    async def export(
        self,
        followers: dict[str, datetime] | None,
        at: float,
        following: dict[str, datetime] | None = None,
        **more: str,
    ) -> dict[str, Any]:
        """One whose name tells its day, as Instagram's own does."""
        members: Members = {**archives.lists(followers, following), **more}
        name = f"instagram-alice.test-{day(at):%Y-%m-%d}-a1B2c3D4.zip"
        return await self.read(archives.zipped(members, day(at)), names=[name])

    async def walk(self, shown: dict[int, str], at: float, direction: Direction = Direction.FOLLOWER) -> Published:
        """A browser's whole walk."""
        people = [Person(PlatformId(str(number)), name) for number, name in shown.items()]
        async with self.pool.connection() as conn:
            run = await runs.start_run(
                conn, user_id=self.user_id, profile_id=self.profile_id, direction=direction, reported=len(shown)
            )
            await runs.stage_pages(conn, run, [StagedPage(0, people, day(at))], seen=len(people))
            return await published_people.publish(conn, run, Evidence(len(shown), len(shown), True))

    def one(self, query: Any, *given: Any) -> dict[str, Any]:
        (row,) = self.owner.execute(query, given).fetchall()
        return row

    def now(self, flag: str = "follows_me") -> set[str]:
        rows = self.owner.execute(f"select username from people where {flag}").fetchall()
        names = [row["username"] for row in rows]
        assert len(names) == len(set(names)), "someone stands there twice"
        return set(names)

    def stays(self, name: str, direction: str = "follower") -> list[dict[str, Any]]:
        return self.owner.execute(
            "select s.*, p.platform_id from stays s join people p on p.id = s.person_id"
            " where p.username = %s and s.direction = %s order by s.id",
            (name, direction),
        ).fetchall()

    def lost(self) -> set[str]:
        rows = self.owner.execute(
            "select p.username from stays s join people p on p.id = s.person_id"
            " where s.direction = 'follower' and s.until is not null"
        ).fetchall()
        return {row["username"] for row in rows}


@pytest.fixture
def desk(
    owner: Owner,
    worker_pool: Pool,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
    tmp_path: Path,
) -> Desk:
    services = replace(services_for(worker_pool), files=FolderFiles(tmp_path / "exports"))
    profile = make_profile(people.alice, state="CONNECTING")
    return Desk(owner, worker_pool, services, people.alice, profile, make_job)


async def test_a_first_export_gives_exact_dates_and_connects_without_a_schedule(desk: Desk) -> None:
    report = await desk.export(since("ann", "bea", "cay"), 0, following=since("ann", "dan", first=-200))
    assert desk.now() == {"ann", "bea", "cay"}
    assert desk.now("i_follow") == {"ann", "dan"}
    (stay,) = desk.stays("bea")
    assert (stay["since"], stay["since_known"], stay["since_after"]) == (day(-299), "exact", None)
    profile = desk.one("select * from profiles")
    assert (profile["state"], profile["followers"], profile["following"]) == ("CONNECTED", 3, 2)
    assert (profile["mutual_count"], profile["fan_count"], profile["not_following_back_count"]) == (1, 2, 1)
    assert desk.one("select count(*) as n from schedules where next_at is not null") == {"n": 0}
    assert profile["observed_at"] == day(0)
    assert desk.one("select method, state from connections") == {"method": "data_download", "state": "ACTIVE"}
    assert report["lists"]["follower"]["verdict"] == "whole"
    assert report["lists"]["follower"]["people"] == 3
    assert desk.one("select followers from profile_days")["followers"] == 3


async def test_a_second_export_says_who_came_and_who_left_between_the_two(desk: Desk) -> None:
    await desk.export(since("ann", "bea", "cay", "dee"), 0)
    report = await desk.export({**since("ann", "bea"), "dee": day(-297), "eve": day(5)}, 10)
    assert desk.now() == {"ann", "bea", "dee", "eve"}
    (left,) = desk.stays("cay")
    assert (left["until_after"], left["until"], left["until_known"]) == (day(0), day(10), "between")
    (came,) = desk.stays("eve")
    assert (came["since"], came["since_known"]) == (day(5), "exact")
    found = report["lists"]["follower"]
    assert (found["gained"], found["lost"], found["guessed"]) == (1, 1, 0)


async def test_the_same_export_twice_changes_nothing(desk: Desk) -> None:
    await desk.export(since("ann", "bea"), 0)
    report = await desk.export(since("ann", "bea"), 0)
    assert report["lists"]["follower"]["verdict"] == "dates"
    assert desk.one("select count(*) as runs from list_runs")["runs"] == 1
    assert desk.lost() == set()


async def test_a_new_name_with_the_same_date_is_a_renaming_that_is_only_guessed(desk: Desk) -> None:
    await desk.export(since("ann", "bea", "cay"), 0)
    report = await desk.export({"ann": day(-300), "bea.new": day(-299), "cay": day(-298)}, 10)
    assert report["lists"]["follower"]["guessed"] == 1
    assert desk.lost() == set()
    name = desk.one("select * from person_names")
    assert (name["username"], name["renamed_to"], name["guessed"]) == ("bea", "bea.new", True)
    assert (name["renamed_after"], name["renamed_at"]) == (day(0), day(10))


async def test_two_with_the_same_date_are_not_guessed_at(desk: Desk) -> None:
    twins = {"ann": day(-300), "one": day(-200), "two": day(-200)}
    await desk.export(twins, 0)
    report = await desk.export({"ann": day(-300), "uno": day(-200), "dos": day(-200)}, 10)
    assert report["lists"]["follower"]["guessed"] == 0
    assert desk.lost() == {"one", "two"}


async def test_a_walk_gives_ids_to_the_people_of_an_export_and_doubles_nobody(desk: Desk) -> None:
    await desk.export(since("ann", "bea", "cay"), 0, following=since("ann"))
    published = await desk.walk({1: "ann", 2: "bea", 4: "dee"}, 5)
    assert desk.now() == {"ann", "bea", "dee"}
    assert (published.gained, published.lost) == (1, 1)
    (stay,) = desk.stays("bea")
    assert (stay["platform_id"], stay["since_known"], stay["since"]) == ("2", "exact", day(-299))
    (left,) = desk.stays("cay")
    assert (left["until_after"], left["until"]) == (day(0), day(5))
    await desk.walk({1: "ann"}, 5.1, Direction.FOLLOWING)
    assert desk.one("select count(*) as people from people where username = 'ann'")["people"] == 1


async def test_an_export_dates_those_whom_a_walk_knows_and_never_loses_them(desk: Desk) -> None:
    await desk.walk({1: "ann", 2: "bea", 3: "old.name"}, 0)
    report = await desk.export({"ann": day(-300), "bea": day(-299), "new.name": day(-298), "eve": day(3)}, 5)
    assert desk.lost() == set()
    (stay,) = desk.stays("ann")
    assert (stay["platform_id"], stay["since"], stay["since_known"]) == ("1", day(-300), "exact")
    assert report["lists"]["follower"]["dated"] == 2
    # The walk after it finds the new name under the old id: one person, with the date of the export.
    published = await desk.walk({1: "ann", 2: "bea", 3: "new.name", 5: "eve"}, 6)
    assert (published.lost, published.gained, desk.lost()) == (0, 0, set())
    (stay,) = desk.stays("new.name")
    assert (stay["platform_id"], stay["since"], stay["since_known"]) == ("3", day(-298), "exact")
    assert desk.now() == {"ann", "bea", "new.name", "eve"}


async def test_who_left_after_a_walk_is_not_said_to_have_left_after_the_export_that_spared_them(desk: Desk) -> None:
    await desk.walk({1: "ann", 2: "bea", 3: "cay", 4: "dee", 5: "eve", 6: "fay"}, 0)
    await desk.export(since("ann", "bea", "cay", "dee", "eve"), 5)
    await desk.walk({1: "ann", 2: "bea", 3: "cay", 4: "dee", 5: "eve"}, 6)
    (left,) = desk.stays("fay")
    assert (left["until_after"], left["until"]) == (day(0), day(6))


async def test_a_date_that_does_not_fit_between_two_readings_is_not_believed(desk: Desk) -> None:
    await desk.walk({1: "ann"}, 0)
    await desk.walk({1: "ann", 2: "bea"}, 5)
    await desk.export({"ann": day(-300), "bea": day(-100)}, 8)
    (stay,) = desk.stays("bea")
    assert (stay["since_after"], stay["since"], stay["since_known"]) == (day(0), day(5), "between")


async def test_an_export_older_than_the_last_reading_only_tells_dates(desk: Desk) -> None:
    await desk.walk({1: "ann", 2: "bea"}, 5)
    report = await desk.export({"ann": day(-300), "gone.since": day(-200)}, 0)
    assert desk.now() == {"ann", "bea"}
    assert (report["lists"]["follower"]["verdict"], report["lists"]["follower"]["dated"]) == ("dates", 1)
    assert desk.lost() == set()


async def test_a_name_that_was_changed_since_is_found_by_what_it_was(desk: Desk) -> None:
    await desk.walk({1: "before"}, 0)
    await desk.walk({1: "after"}, 5)
    await desk.export({"before": day(-50)}, 2)
    (stay,) = desk.stays("after")
    assert (stay["since"], stay["since_known"]) == (day(-50), "exact")


async def test_an_export_of_a_period_adds_people_and_loses_nobody(desk: Desk) -> None:
    everybody = since(*(f"user{number}" for number in range(40)))
    await desk.export(everybody, 0)
    window = {name: at for name, at in everybody.items() if at >= day(-270)} | {"new": day(3)}
    report = await desk.export(window, 10)
    found = report["lists"]["follower"]
    assert found["verdict"] == "partial"
    assert "All time" in found["reason"]
    assert desk.lost() == set()
    assert "new" in desk.now()
    alert = desk.one("select kind, subject, params from alerts")
    assert alert["kind"] == "list_partial"
    assert "All time" in alert_said(alert)


async def test_entries_that_cannot_be_read_are_counted_and_put_off_every_loss(desk: Desk) -> None:
    crowd = since(*(f"user{number}" for number in range(60)))
    await desk.export(crowd, 0)
    entries = [archives.entry(name, at) for name, at in crowd.items() if name != "user5"] + [{"title": "No Name"}]
    members: Members = {f"{archives.FOLLOWS}followers_1.json": json.dumps(entries)}
    report = await desk.read(archives.zipped(members, day(10)))
    assert (report["lists"]["follower"]["skipped"], report["lists"]["follower"]["missing"]) == (1, 1)
    assert desk.lost() == set()
    report = await desk.read(archives.zipped(members, day(20)))
    assert desk.lost() == {"user5"}


async def test_whom_the_account_stopped_following_left_at_the_time_the_export_tells(desk: Desk) -> None:
    await desk.export(since("ann"), 0, following=since("ann", "bob", "cid", "dan"))
    unfollowed = {"relationships_unfollowed_users": [archives.entry("bob", day(4))]}
    path = f"{archives.FOLLOWS}recently_unfollowed_profiles.json"
    await desk.export(since("ann"), 10, since("ann", "cid"), **{path: json.dumps(unfollowed)})
    (left,) = desk.stays("bob", "following")
    assert (left["until"], left["until_known"]) == (day(4), "exact")
    (other,) = desk.stays("dan", "following")
    assert other["until_known"] == "between"


async def test_parts_of_one_export_are_one_list(desk: Desk) -> None:
    first = {f"{archives.FOLLOWS}followers_1.json": archives.followers_2023(since("ann", "bea"))}
    second = {f"{archives.FOLLOWS}followers_2.json": archives.followers_2023(since("cay", "dee", first=-100))}
    alone = await desk.read(archives.zipped(dict(second), day(0)))
    assert alone["lists"]["follower"]["verdict"] == "partial"
    report = await desk.read(archives.zipped(dict(first), day(1)), archives.zipped(dict(second), day(1)))
    assert report["lists"]["follower"]["verdict"] == "whole"
    assert desk.now() == {"ann", "bea", "cay", "dee"}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"PK\x03\x04 cut short", ArchiveDamaged),
        (archives.zipped({"IMG_1.jpg": b"x"}), ArchiveForeign),
        (archives.zipped({"your_instagram_activity/likes/liked_posts.json": "{}"}), ArchiveEmpty),
        (archives.zipped({**archives.lists({}, {}), **archives.personal("bob.test")}), ArchiveOfAnother),
    ],
)
async def test_what_is_refused_changes_nothing_and_leaves_no_file(
    desk: Desk, content: bytes, error: type[Exception], tmp_path: Path
) -> None:
    desk.hand_over(content)
    with pytest.raises(error):
        await import_download.run(await claim(desk.pool), desk.services)
    assert desk.owner.execute("select from people").rowcount == 0
    assert desk.one("select state from profiles")["state"] == "CONNECTING"
    assert [path for path in (tmp_path / "exports").rglob("*") if path.is_file()] == []
    assert desk.one("select paths from imports")["paths"] is None


async def test_a_list_that_breaks_off_publishes_nothing(desk: Desk) -> None:
    members: Members = {f"{archives.FOLLOWS}followers_1.json": archives.followers_2023(since("ann", "bea"))[:-40]}
    desk.hand_over(archives.zipped(members))
    with pytest.raises(ArchiveDamaged):
        await import_download.run(await claim(desk.pool), desk.services)
    assert desk.now() == set()


async def test_a_file_that_was_swept_away_is_asked_for_again(desk: Desk) -> None:
    desk.hand_over(archives.zipped(archives.lists(since("ann"))))
    desk.services.files.sweep(timedelta(seconds=-60))
    with pytest.raises(ArchiveGone):
        await import_download.run(await claim(desk.pool), desk.services)


async def test_files_of_a_job_that_was_cancelled_before_it_began_are_swept(desk: Desk, tmp_path: Path) -> None:
    desk.hand_over(archives.zipped(archives.lists(since("ann"))))
    desk.owner.execute("update sync_jobs set state = 'CANCELLED'")
    await expire(desk.pool.connection, desk.services.files, timedelta(days=3))
    assert [path for path in (tmp_path / "exports").rglob("*") if path.is_file()] == []
    assert desk.one("select paths from imports")["paths"] is None


async def test_files_of_a_job_that_waits_stay(desk: Desk) -> None:
    desk.hand_over(archives.zipped(archives.lists(since("ann"))))
    await expire(desk.pool.connection, desk.services.files, timedelta(days=3))
    await import_download.run(await claim(desk.pool), desk.services)
    assert desk.now() == {"ann"}


def read_by_a_browser(desk: Desk, platform_id: str, posted_at: datetime, kind: str = "image") -> None:
    desk.owner.execute(
        "insert into media (user_id, profile_id, platform_id, kind, posted_at, first_seen_at, last_seen_at)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (desk.user_id, desk.profile_id, platform_id, kind, posted_at, day(0), day(0)),
    )


def joined(desk: Desk) -> list[tuple[str | None, str, int]]:
    rows = desk.owner.execute(
        "select m.platform_id, i.metric, i.value::int as value from insights i left join media m on m.id = i.media_id"
        " where i.posted_at is not null order by i.posted_at, i.metric"
    ).fetchall()
    return [(row["platform_id"], row["metric"], row["value"]) for row in rows]


async def test_past_insights_are_joined_to_the_post_reel_or_story_of_their_time(desk: Desk) -> None:
    for number, kind in enumerate(("image", "reel", "story")):
        read_by_a_browser(desk, str(number), day(-9 + number), kind)
    read_by_a_browser(desk, "twin", day(-8))
    told = {
        **archives.past_insights("posts", (day(-9), {"Accounts reached": "1,200", "Saves": "4", "Comments": "--"})),
        **archives.past_insights("reels", (day(-8), {"Instagram Plays": "7"})),
        **archives.past_insights("stories", (day(-7), {"Replies": "2"})),
    }
    report = await desk.read(archives.zipped(told | archives.lists(since("ann")), day(0)))
    assert joined(desk) == [("0", "reach", 1200), ("0", "saves", 4), (None, "plays", 7), ("2", "replies", 2)]
    assert (report["insights"], report["insights_joined"]) == (4, 3)
    read_by_a_browser(desk, "late twin", day(-9))
    assert (await desk.export(since("ann"), 1))["insights_joined"] == 0
    assert [platform_id for platform_id, *_ in joined(desk)] == [None, None, None, "2"]


async def test_figures_of_a_post_without_its_time_are_not_taken_for_the_accounts(desk: Desk) -> None:
    told = {
        **archives.past_insights("posts", (None, {"Likes": "80", "Saves": "4"})),
        **archives.past_insights("profiles_reached", (None, {"Date range": "Feb 6 - May 6", "Accounts reached": "9"})),
    }
    report = await desk.read(archives.zipped(told | archives.lists(since("ann")), day(0)))
    assert desk.one("select metric, value::int as value, started_on, ended_on from insights") == {
        "metric": "reach",
        "value": 9,
        "started_on": datetime(2026, 2, 6, tzinfo=UTC),
        "ended_on": datetime(2026, 5, 6, tzinfo=UTC),
    }
    assert report["insights_unread_labels"] == ["a post without its time"]
