"""DELETE_PROFILE: nothing of the profile is left, nothing else is touched, and it can be stopped at any point."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import sql

from shared.domain.exports import What
from shared.domain.jobs import JobKind
from shared.errors import Draining, LeaseLost, Permanent
from shared.files.folder import FolderFiles
from shared.store.queue import login_screenshots
from tests.conftest import Personas
from tests.worker.export_data import NOW, Data, Owner
from tests.worker.furnishing import furnish
from tests.worker.handling import Pool, claim, services_for, taken_over
from worker.jobs.delete import delete_profile
from worker.jobs.files import export
from worker.services import Services

MakeJob = Callable[..., UUID]
MakeProfile = Callable[..., UUID]


@dataclass
class House:
    """Alice's profile, which is to go, and Bob's, which is to stay."""

    alice: Data
    bob: Data
    services: Services
    folder: Path

    def tables(self) -> list[str]:
        """Every table that knows of profiles."""
        rows = self.alice.owner.execute(
            "select table_name as name from information_schema.columns c join information_schema.tables t"
            " using (table_schema, table_name) where column_name = 'profile_id' and table_schema = 'public'"
            " and table_type = 'BASE TABLE' order by 1"
        ).fetchall()
        return [row["name"] for row in rows]

    def left(self, data: Data) -> dict[str, int]:
        """How many rows of each table belong to that profile; the purging job is not counted."""
        found = {}
        for table in [*self.tables(), "profiles"]:
            column = "id" if table == "profiles" else "profile_id"
            purging = (
                sql.SQL(" and kind <> 'DELETE_PROFILE'") if table in ("sync_jobs", "sync_attempts") else sql.SQL("")
            )
            row = data.owner.execute(
                sql.SQL("select count(*) as rows from {} where {} = %s{}").format(
                    sql.Identifier(table), sql.Identifier(column), purging
                ),
                (data.profile_id,),
            ).fetchone()
            found[table] = row["rows"] if row else 0
        return found

    def files(self) -> list[str]:
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file())


@pytest.fixture
async def house(
    owner: Owner,
    people: Personas,
    make_profile: MakeProfile,
    make_job: MakeJob,
    worker_pool: Pool,
    tmp_path: Path,
) -> House:
    services = replace(services_for(worker_pool), files=FolderFiles(tmp_path / "exports"))
    alice = Data(owner, people.alice, make_profile(people.alice, "ada.test", state="DELETING", observed_at=NOW))
    bob = Data(owner, people.bob, make_profile(people.bob, "bob.test", observed_at=NOW))
    for data in (alice, bob):
        await furnish(data, services, make_job)
    make_job(*alice.owned, "DELETE_PROFILE")
    return House(alice, bob, services, tmp_path / "exports")


async def test_nothing_of_the_profile_is_left_and_nothing_else_is_touched(house: House) -> None:
    before = house.left(house.bob)
    assert all(house.left(house.alice).values()), "every table has something to delete"
    await delete_profile.run(await claim(house.services.pool), house.services, batch=5)
    assert not any(house.left(house.alice).values())
    assert house.left(house.bob) == before
    assert [path.split("/")[0] for path in house.files()] == [str(house.bob.user_id)]
    assert (
        house.alice.owner.execute("select 1 from list_pages where user_id = %s", (house.alice.user_id,)).fetchall()
        == []
    )


async def test_the_purging_job_keeps_its_row_without_the_profile(house: House) -> None:
    ctx = await claim(house.services.pool)
    await delete_profile.run(ctx, house.services)
    row = house.alice.owner.execute("select state, profile_id from sync_jobs where id = %s", (ctx.job.id,)).fetchone()
    assert row == {"state": "RUNNING", "profile_id": None}
    ctx.check()


@pytest.mark.parametrize("stop_after", [1, 5, 9, 20])
async def test_it_goes_on_where_it_was_stopped(house: House, stop_after: int) -> None:
    first = await claim(house.services.pool)
    looks = 0

    def stop() -> None:
        nonlocal looks
        looks += 1
        if looks > stop_after:
            raise Draining

    first.check = stop  # type: ignore[method-assign]
    with pytest.raises(Draining):
        await delete_profile.run(first, house.services, batch=5)
    assert house.left(house.alice)["profiles"] == 1
    await delete_profile.run(await taken_over(house.services.pool, first), house.services, batch=5)
    assert not any(house.left(house.alice).values())


async def test_a_worker_that_lost_its_lease_deletes_nothing(house: House) -> None:
    before = house.left(house.alice)
    old = await claim(house.services.pool)
    await taken_over(house.services.pool, old)
    with pytest.raises(LeaseLost):
        await delete_profile.run(old, house.services)
    assert house.left(house.alice) == before
    assert len(house.files()) == 2


async def test_a_profile_that_nobody_deletes_is_left_alone(house: House) -> None:
    house.alice.owner.execute("update profiles set state = 'CONNECTED'")
    before = house.left(house.alice)
    with pytest.raises(Permanent, match="not being deleted"):
        await delete_profile.run(await claim(house.services.pool), house.services)
    assert house.left(house.alice) == before


async def test_a_profile_that_is_gone_already_is_no_error(house: House) -> None:
    before = house.left(house.bob)
    ctx = await claim(house.services.pool)
    house.alice.owner.execute("delete from profiles where id = %s", (house.alice.profile_id,))
    await delete_profile.run(ctx, house.services)
    await delete_profile.run(await taken_over(house.services.pool, ctx), house.services)
    assert house.left(house.bob) == before


async def test_other_work_on_the_profile_is_ended_or_told_to_stop(house: House, make_job: MakeJob) -> None:
    purging = await claim(house.services.pool)
    running = make_job(
        *house.alice.owned, "SYNC", state="RUNNING", fence=1, worker="w", lease_until=NOW.replace(year=2999)
    )
    make_job(*house.alice.owned, "SYNC_MEDIA")
    await delete_profile.run(purging, house.services)
    rows = house.alice.owner.execute(
        "select id, state, profile_id, cancel_requested_at is not null as told from sync_jobs"
        " where user_id = %s and kind <> 'DELETE_PROFILE'",
        (house.alice.user_id,),
    ).fetchall()
    assert rows == [{"id": running, "state": "RUNNING", "profile_id": None, "told": True}]


async def test_a_login_that_outlives_its_profile_leaves_no_picture(house: House, make_job: MakeJob) -> None:
    purging = await claim(house.services.pool)
    login = make_job(
        *house.alice.owned, "LOGIN", state="RUNNING", fence=1, worker="w", lease_until=NOW.replace(year=2999)
    )
    for _ in range(2):
        async with house.services.pool.connection() as conn:
            assert not await login_screenshots.keep(conn, *house.alice.owned, login, b"x")
        await delete_profile.run(purging, house.services)
    assert house.left(house.alice)["login_screenshots"] == 0


async def test_an_export_of_a_profile_that_is_gone_is_not_written(house: House) -> None:
    request = house.bob.request(What.MEDIA)
    ctx = await claim(house.services.pool, [JobKind.EXPORT])
    house.bob.owner.execute("delete from profiles where id = %s", (house.bob.profile_id,))
    await export.run(ctx, house.services)
    assert not house.bob.owner.execute("select from exports where id = %s", (request,)).fetchall()
