"""Official figures: one row a day, the newest reading wins, and what may still change is marked."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from shared.db.pools import WebConnection, WorkerConnection, tenant
from shared.domain.insights import Audience, DayFigure, Days, Share, Total
from shared.domain.metrics import Level, metrics_of
from shared.store.insights import audience, figures, reading
from shared.store.insights.figures import Owner as Whose
from tests.conftest import Personas

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
WebPool = ConnectionPool[WebConnection]
NOW = datetime(2026, 11, 30, 18, tzinfo=UTC)
DAY = date(2026, 11, 20)
METRICS = {one.id: one for one in metrics_of("youtube", Level.ACCOUNT, daily=True)}


class Desk:
    """Alice's channel."""

    def __init__(self, conn: WorkerConnection, owner: Owner, user_id: UUID, profile_id: UUID) -> None:
        self.conn, self.owner, self.user_id, self.profile_id = conn, owner, user_id, profile_id
        self.whose = Whose(user_id, profile_id, "google")

    async def save(self, *found: tuple[str, date, float], at: datetime = NOW) -> int:
        rows = [DayFigure(metric, day, Decimal(str(value))) for metric, day, value in found]
        changed = await figures.save_days(self.conn, self.whose, rows, METRICS, at)
        await self.conn.commit()
        return changed

    def days(self) -> list[dict[str, Any]]:
        return self.owner.execute(
            "select metric, day, value, provisional from insight_days order by metric, day"
        ).fetchall()


@pytest.fixture
async def desk(
    owner: Owner, worker_pool: Pool, people: Personas, make_profile: Callable[..., UUID]
) -> AsyncIterator[Desk]:
    profile = make_profile(people.alice, "ada", platform="youtube")
    async with worker_pool.connection() as conn:
        yield Desk(conn, owner, people.alice, profile)


async def test_a_day_is_stored_once_and_a_newer_reading_takes_its_place(desk: Desk) -> None:
    assert await desk.save(("views", DAY, 10), ("likes", DAY, 0)) == 2
    assert await desk.save(("views", DAY, 12), ("likes", DAY, 0), at=NOW + timedelta(hours=1)) == 1
    assert [(row["metric"], row["value"]) for row in desk.days()] == [("likes", 0), ("views", 12)]


async def test_an_older_reading_changes_nothing(desk: Desk) -> None:
    await desk.save(("views", DAY, 12))
    assert await desk.save(("views", DAY, 10), at=NOW - timedelta(hours=1)) == 0
    assert desk.days()[0]["value"] == 12


async def test_a_day_is_provisional_until_it_has_settled(desk: Desk) -> None:
    ended = NOW.date() - timedelta(days=1)
    await desk.save(("views", ended, 1), ("views", DAY, 1))
    assert [row["provisional"] for row in desk.days()] == [False, True]
    await desk.save(("views", ended, 1), at=NOW + timedelta(days=4))
    assert [row["provisional"] for row in desk.days()] == [False, False]


async def test_an_average_keeps_its_fraction(desk: Desk) -> None:
    await desk.save(("average_view_percent", DAY, 42.37))
    assert desk.days()[0]["value"] == Decimal("42.37")


async def test_what_a_renewal_did_not_find_again_is_removed_within_its_days_alone(desk: Desk) -> None:
    before = DAY - timedelta(days=1)
    await desk.save(("views", before, 1), ("views", DAY, 2), at=NOW - timedelta(days=21))
    await desk.save(("views", DAY, 2))
    await figures.remove_unrenewed(desk.conn, desk.whose, Days(DAY, DAY), NOW)
    await desk.conn.commit()
    assert len(desk.days()) == 2
    assert await figures.remove_unrenewed(desk.conn, desk.whose, Days(before, DAY), NOW) == 1
    await desk.conn.commit()
    assert [row["day"] for row in desk.days()] == [DAY]


async def test_coverage_grows_in_both_directions_and_stays_complete(desk: Desk) -> None:
    assert await figures.coverage(desk.conn, desk.whose) is None
    newest, oldest = Days(DAY, NOW.date()), Days(DAY - timedelta(days=9), DAY - timedelta(days=1))
    await figures.cover(desk.conn, desk.whose, newest, complete=False, renewed_at=NOW)
    await figures.cover(desk.conn, desk.whose, oldest, complete=True, renewed_at=None)
    await figures.cover(desk.conn, desk.whose, newest, complete=False, renewed_at=None)
    found = await figures.coverage(desk.conn, desk.whose)
    assert found is not None
    assert (found.days, found.complete, found.renewed_at) == (Days(oldest.first, newest.last), True, NOW)


async def test_a_refused_metric_keeps_its_first_time_until_it_is_given_again(desk: Desk, web_pool: WebPool) -> None:
    for at in (NOW, NOW + timedelta(days=1)):
        await figures.note_refusals(desk.conn, desk.whose, METRICS, ["shares"], at, "report_refused")
    await desk.conn.commit()
    with tenant(web_pool, desk.user_id) as conn:
        (refused,) = reading.refusals(conn, desk.profile_id)
    assert (refused.metric, refused.since, refused.last_at) == ("shares", NOW, NOW + timedelta(days=1))
    assert refused.code == "report_refused"
    await figures.note_refusals(desk.conn, desk.whose, METRICS, [], NOW, "report_refused")
    await desk.conn.commit()
    with tenant(web_pool, desk.user_id) as conn:
        assert reading.refusals(conn, desk.profile_id) == []


async def test_pages_read_series_newest_totals_and_newest_audience(desk: Desk, web_pool: WebPool) -> None:
    await desk.save(("views", DAY, 10), ("likes", DAY, 3))
    old, new = Days(DAY - timedelta(days=6), DAY), Days(DAY - timedelta(days=5), DAY + timedelta(days=1))
    for days, value in ((old, 70), (new, 71)):
        await figures.save_totals(desk.conn, desk.whose, [Total("views", days, Decimal(value))], METRICS, NOW)
        share = Share("country", ("DE",), "views", Decimal(value))
        await audience.save(desk.conn, desk.whose, Audience(days, (share,)), NOW)
    await figures.cover(desk.conn, desk.whose, old, complete=True, renewed_at=NOW)
    await desk.conn.commit()
    with tenant(web_pool, desk.user_id) as conn:
        series = reading.series(conn, desk.profile_id, ["views"], DAY, DAY)
        assert [(one.metric, one.source, int(one.value)) for one in series] == [("views", "google", 10)]
        assert [one.value for one in reading.totals(conn, desk.profile_id)] == [71]
        assert [(one.keys, int(one.value)) for one in reading.audience(conn, desk.profile_id)] == [(["DE"], 71)]
        assert [one.complete for one in reading.spans(conn, desk.profile_id)] == [True]


async def test_another_reading_of_the_same_range_takes_the_place_of_the_audience(desk: Desk) -> None:
    days = Days(DAY - timedelta(days=89), DAY)
    shares = [Share("country", (key,), "views", Decimal(1)) for key in ("DE", "FR")]
    await audience.save(desk.conn, desk.whose, Audience(days, tuple(shares)), NOW)
    await audience.save(desk.conn, desk.whose, Audience(days, tuple(shares[:1])), NOW)
    await desk.conn.commit()
    rows = desk.owner.execute("select keys from audience_shares").fetchall()
    assert [row["keys"] for row in rows] == [["DE"]]


async def test_figures_of_another_persons_profile_are_not_touched(desk: Desk, people: Personas) -> None:
    await desk.save(("views", DAY, 10))
    stranger = Whose(people.bob, desk.profile_id, "google")
    found = [DayFigure("views", DAY, Decimal(99))]
    await figures.save_days(desk.conn, stranger, found, METRICS, NOW + timedelta(hours=1))
    await desk.conn.commit()
    assert desk.days()[0]["value"] == 10
