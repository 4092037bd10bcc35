"""Lists as a walk stages them, and what the tables then say; for the tests of publishing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.domain.social import Direction, Person, PlatformId
from shared.domain.traversal.list_verdict import Evidence
from shared.store.followers import publish as people
from shared.store.followers import runs as list_runs
from shared.store.followers.publish import Published
from shared.store.followers.runs import StagedPage

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
DAY_0 = datetime(2026, 6, 10, 12, tzinfo=UTC)


def day(number: float) -> datetime:
    return DAY_0 + timedelta(days=number)


def person(number: int, username: str | None = None, **more: Any) -> Person:
    return Person(PlatformId(str(number)), username or f"user{number}", **more)


@dataclass
class Lists:
    """One profile whose lists are published, a walk a day."""

    owner: Owner
    pool: Pool
    user_id: UUID
    profile_id: UUID
    page_size: int = 3
    today: float = 0
    runs: list[UUID] = field(default_factory=list)

    async def publish(
        self,
        shown: Iterable[Person | int],
        *,
        reported: int | None = -1,
        direction: Direction = Direction.FOLLOWER,
        natural_end: bool = True,
        limited: bool = False,
    ) -> Published:
        """A walk of an hour, published; `reported` is the number shown unless it is given. The next is a day later."""
        rows = [person(one) if isinstance(one, int) else one for one in shown]
        pages = [rows[at : at + self.page_size] for at in range(0, len(rows), self.page_size)] or [[]]
        count = len({row.platform_id for row in rows}) if reported == -1 else reported
        run = await self.start(direction, count)
        for number, page in enumerate(pages):
            await self.stage(run, number, page, day(self.today) + timedelta(hours=number / max(1, len(pages) - 1)))
        async with self.pool.connection() as conn:
            published = await people.publish(conn, run, Evidence(count, None, natural_end, limited))
        self.today += 1
        return published

    async def start(self, direction: Direction, reported: int | None) -> list_runs.Run:
        async with self.pool.connection() as conn:
            run = await list_runs.start_run(
                conn, user_id=self.user_id, profile_id=self.profile_id, direction=direction, reported=reported
            )
        self.runs.append(run.id)
        return run

    async def stage(self, run: list_runs.Run, number: int, page: Sequence[Person], at: datetime) -> None:
        async with self.pool.connection() as conn:
            await list_runs.stage_pages(conn, run, [StagedPage(number, page, at)], seen=len(page))

    def all(self, query: Any, *given: Any) -> list[dict[str, Any]]:
        return self.owner.execute(query, given).fetchall()

    def one(self, query: Any, *given: Any) -> dict[str, Any]:
        (row,) = self.all(query, *given)
        return row

    def now(self, direction: Direction = Direction.FOLLOWER) -> set[int]:
        """Who is in the list, by the open spans; `people` must say the same."""
        spans = {int(row["platform_id"]): row["since"] for row in self.all(_OPEN, self.profile_id, direction)}
        flags = {
            int(row["platform_id"]): row["follows_me_since" if direction is Direction.FOLLOWER else "i_follow_since"]
            for row in self.all(_FLAGGED, self.profile_id, direction)
        }
        assert spans == flags
        return set(spans)

    def spans(self, number: int, direction: Direction = Direction.FOLLOWER) -> list[dict[str, Any]]:
        """One person's stays, oldest first."""
        return self.all(_STAYS, self.profile_id, str(number), direction)


_OPEN = """select platform_id, since from stays s join people p on p.id = s.person_id
    where s.profile_id = %s and direction = %s and until is null"""
_FLAGGED = """select platform_id, follows_me_since, i_follow_since from people
    where profile_id = %s and case %s when 'follower' then follows_me else i_follow end"""
_STAYS = """select s.* from stays s join people p on p.id = s.person_id
    where s.profile_id = %s and platform_id = %s and direction = %s order by s.id"""
