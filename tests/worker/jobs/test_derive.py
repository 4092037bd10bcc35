"""Days are made of stored rows alone, in the profile's own zone, and making them again changes nothing."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.jobs import JobKind
from shared.errors import LeaseLost, NotConnected
from tests.conftest import Personas
from tests.worker.handling import claim, services_for, taken_over
from worker.jobs import derive

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]


class Diary:
    """Writes what jobs would have stored for one profile, and derives its days with the real handler."""

    def __init__(
        self, owner: Owner, pool: Pool, user_id: UUID, profile_id: UUID, make_job: Callable[..., UUID]
    ) -> None:
        self.owner, self.pool, self.user_id, self.profile_id, self.make_job = owner, pool, user_id, profile_id, make_job
        self.people = 0

    def run(
        self, at: datetime, *, verdict: str = "whole", direction: str = "follower", reported: int | None = None
    ) -> UUID:
        row = self.owner.execute(
            "insert into list_runs (user_id, profile_id, direction, state, verdict, observed_start, observed_end,"
            " ended_at, reported_after) values (%s, %s, %s, 'PUBLISHED', %s, %s, %s, now(), %s) returning id",
            (self.user_id, self.profile_id, direction, verdict, at - timedelta(minutes=1), at, reported),
        ).fetchone()
        assert row is not None
        made: UUID = row["id"]
        return made

    def span(
        self,
        since: datetime,
        until: datetime | None = None,
        *,
        known: str = "between",
        returned: bool = False,
        direction: str = "follower",
    ) -> None:
        self.people += 1
        self.owner.execute(
            "insert into stays (user_id, profile_id, person_id, direction, since, since_known, until,"
            " until_known, returned) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            (self.user_id, self.profile_id, self.people, direction, since, known, until, until and "between", returned),
        )

    def renamed(self, at: datetime) -> None:
        self.owner.execute(
            "insert into person_names (user_id, profile_id, person_id, username, renamed_to, renamed_at)"
            " values (%s, %s, 1, 'a', 'b', %s)",
            (self.user_id, self.profile_id, at),
        )

    def count(self, at: datetime, followers: int | None, media: int | None = None) -> None:
        self.owner.execute(
            "insert into profile_counts (user_id, profile_id, captured_at, source, followers, following, media)"
            " values (%s, %s, %s, 'browser', %s, 7, %s)",
            (self.user_id, self.profile_id, at, followers, media),
        )

    def post(self, platform_id: str, posted_at: datetime, seen_at: datetime, **columns: Any) -> None:
        figures = {
            "likes": 10,
            "comments": 1,
            "plays": None,
            "er_formula": None,
            "er_numerator": None,
            "er_denominator": None,
            **columns,
        }
        row = self.owner.execute(
            "insert into media (user_id, profile_id, platform_id, kind, posted_at, first_seen_at, last_seen_at, likes,"
            " comments, plays, er_formula, er_numerator, er_denominator) values (%s, %s, %s, 'reel', %s, %s, %s,"
            " %s, %s, %s, %s, %s, %s) on conflict (profile_id, platform_id) do update set likes = excluded.likes"
            " returning id",
            (self.user_id, self.profile_id, platform_id, posted_at, seen_at, seen_at, *figures.values()),
        ).fetchone()
        assert row is not None
        self.owner.execute(
            "insert into media_metrics (media_id, captured_at, user_id, profile_id, source)"
            " values (%s, %s, %s, %s, 'browser')",
            (row["id"], seen_at, self.user_id, self.profile_id),
        )

    async def derive(self, **args: Any) -> None:
        job = self.make_job(self.user_id, self.profile_id, "DERIVE", args=psycopg.types.json.Jsonb(args))
        await derive.run(await claim(self.pool, [JobKind.DERIVE]), services_for(self.pool))
        self.owner.execute("delete from sync_jobs where id = %s", (job,))

    def days(self) -> dict[str, dict[str, Any]]:
        rows = self.owner.execute("select * from profile_days where profile_id = %s", (self.profile_id,)).fetchall()
        return {row["day"].isoformat(): row for row in rows}

    def without_time(self) -> list[dict[str, Any]]:
        return [
            {key: value for key, value in row.items() if key != "computed_at"} for _, row in sorted(self.days().items())
        ]


@pytest.fixture
def diary(
    owner: Owner,
    worker_pool: Pool,
    people: Personas,
    make_profile: Callable[..., UUID],
    make_job: Callable[..., UUID],
) -> Diary:
    profile_id = make_profile(people.alice, timezone="Europe/Berlin")
    return Diary(owner, worker_pool, people.alice, profile_id, make_job)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def test_gained_and_lost_are_known_only_where_a_whole_list_followed_a_whole_list(diary: Diary) -> None:
    for day, verdict in (("01", "whole"), ("02", "whole"), ("03", "partial"), ("04", "void"), ("05", "whole")):
        diary.run(at(f"2026-05-{day}T12:00"), verdict=verdict)
    diary.span(at("2026-05-01T12:00"), known="before", until=at("2026-05-02T12:00"))
    diary.span(at("2026-05-01T12:00"), known="before")
    diary.span(at("2026-05-02T12:00"))
    diary.span(at("2026-05-02T12:00"), returned=True)
    diary.span(at("2026-05-02T12:00"), direction="following")
    diary.span(at("2026-05-03T12:00"))
    diary.renamed(at("2026-05-05T12:00"))
    await diary.derive()
    shown = {day: (row["gained"], row["lost"], row["returned"], row["renamed"]) for day, row in diary.days().items()}
    assert shown == {
        "2026-05-01": (None, None, None, None),
        "2026-05-02": (2, 1, 1, 0),
        "2026-05-03": (None, None, None, None),
        "2026-05-04": (None, None, None, None),
        "2026-05-05": (0, 0, 0, 1),
    }
    runs = [(row["whole_runs"], row["partial_runs"]) for row in diary.without_time()]
    assert runs == [(1, 0), (1, 0), (0, 1), (0, 1), (1, 0)]


async def test_counters_are_the_last_known_ones_of_the_day(diary: Diary) -> None:
    diary.count(at("2026-05-01T06:00"), 100, media=4)
    diary.run(at("2026-05-01T08:00"), reported=103, verdict="partial")
    diary.run(at("2026-05-01T09:00"), reported=55, direction="following")
    diary.count(at("2026-05-01T10:00"), None, media=5)
    diary.count(at("2026-05-02T10:00"), None)
    await diary.derive()
    first, second = diary.without_time()
    assert (first["followers"], first["following"], first["media"]) == (103, 7, 5)
    assert (second["followers"], second["following"], second["media"]) == (None, 7, None)


async def test_days_begin_at_the_profiles_midnight_also_when_clocks_change(diary: Diary) -> None:
    # Berlin: 22:30 UTC is 23:30 before the change of clocks on 2026-03-29 and 00:30 after it.
    for day in (28, 29):
        diary.count(at(f"2026-03-{day}T22:30"), day)
    diary.count(at("2026-03-28T23:30"), 1)
    await diary.derive()
    assert {day: row["followers"] for day, row in diary.days().items()} == {
        "2026-03-28": 28,
        "2026-03-29": 1,
        "2026-03-30": 29,
    }


async def test_posts_are_summed_on_their_day_and_what_is_hidden_is_not_counted_as_zero(diary: Diary) -> None:
    seen = at("2026-05-03T12:00")
    rate = {"er_formula": "er_views", "er_numerator": 11, "er_denominator": 100}
    diary.post("1", at("2026-05-01T12:00"), seen, plays=100, **rate)
    diary.post("2", at("2026-05-01T21:59"), seen, likes=None)
    diary.post("3", at("2026-05-01T22:00"), seen, likes=None, comments=None)
    await diary.derive()
    first, second = diary.without_time()
    figures = ("posts", "likes", "comments", "plays", "er_posts", "er_numerator", "er_denominator", "er_formulas")
    assert [first[name] for name in figures] == [2, 10, 2, 100, 1, 11, 100, ["er_views"]]
    assert [second[name] for name in figures] == [1, None, None, None, 0, None, None, []]
    assert second["day"] == date(2026, 5, 2)
    assert (second["gained"], second["whole_runs"], second["followers"]) == (None, 0, None)


async def test_deriving_again_changes_nothing(diary: Diary) -> None:
    diary.count(at("2026-05-01T12:00"), 100)
    diary.post("1", at("2026-05-01T12:00"), at("2026-05-01T12:00"))
    await diary.derive()
    before = diary.days()
    await diary.derive()
    await diary.derive(all=True)
    assert diary.days() == before


async def test_touched_days_are_found_wherever_new_rows_reach(diary: Diary) -> None:
    start = at("2026-05-01T12:00")
    diary.post("1", start - timedelta(days=200), start)
    for day in range(20):
        diary.run(start + timedelta(days=day), reported=100 + day)
        diary.count(start + timedelta(days=day), 100 + day)
    await diary.derive()
    untouched = diary.days()["2026-05-08"]["computed_at"]
    # An old post moved, and someone missing on the 10th day is lost after the whole list of the 25th confirmed it.
    now = start + timedelta(days=25)
    diary.post("1", start - timedelta(days=200), now, likes=77)
    diary.run(now)
    diary.span(start, until=start + timedelta(days=19))
    diary.span(now)
    await diary.derive()
    days = diary.days()
    assert (days["2025-10-13"]["likes"], days["2026-05-20"]["lost"], days["2026-05-26"]["gained"]) == (77, 1, 1)
    assert days["2026-05-08"]["computed_at"] == untouched
    incremental = diary.without_time()
    await diary.derive(all=True)
    assert diary.without_time() == incremental


async def test_another_time_zone_makes_every_day_anew(diary: Diary, owner: Owner) -> None:
    diary.count(at("2026-05-01T22:30"), 100)
    diary.count(at("2026-05-20T12:00"), 120)
    await diary.derive()
    assert set(diary.days()) == {"2026-05-02", "2026-05-20"}
    owner.execute("update profiles set timezone = 'UTC'")
    await diary.derive()
    assert set(diary.days()) == {"2026-05-01", "2026-05-20"}


async def test_a_profile_without_anything_has_no_days(diary: Diary) -> None:
    await diary.derive()
    assert diary.days() == {}


async def test_what_is_anothers_goes_into_nobodys_days(
    diary: Diary, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID]
) -> None:
    other = Diary(diary.owner, diary.pool, people.bob, make_profile(people.bob), make_job)
    other.count(at("2026-05-01T12:00"), 9)
    other.post("1", at("2026-05-01T12:00"), at("2026-05-01T12:00"))
    diary.count(at("2026-05-02T12:00"), 100)
    await diary.derive()
    assert set(diary.days()) == {"2026-05-02"}
    assert other.days() == {}


async def test_a_worker_that_lost_its_lease_writes_no_day(diary: Diary) -> None:
    diary.count(at("2026-05-01T12:00"), 100)
    diary.make_job(diary.user_id, diary.profile_id, "DERIVE")
    late = await claim(diary.pool)
    await taken_over(diary.pool, late)
    with pytest.raises(LeaseLost):
        await derive.run(late, services_for(diary.pool))
    assert diary.days() == {}


async def test_a_profile_that_is_gone_is_said_so(diary: Diary, owner: Owner) -> None:
    diary.make_job(diary.user_id, diary.profile_id, "DERIVE")
    ctx = await claim(diary.pool)
    owner.execute("delete from profiles where id = %s", (diary.profile_id,))
    with pytest.raises(NotConnected):
        await derive.run(ctx, services_for(diary.pool))
