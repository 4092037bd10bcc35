"""Export files go when their time is over, and so does what no one knows any more."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from shared.domain.exports import What
from shared.files.folder import FolderFiles
from shared.settings import load
from tests.conftest import Personas
from tests.worker.export_data import Data, Owner
from tests.worker.handling import Pool, services_for
from worker.periodic.expired_files import expire, expiring

KEEP = timedelta(hours=72)


@pytest.fixture
def data(owner: Owner, people: Personas, make_profile: Callable[..., UUID]) -> Data:
    return Data(owner, people.alice, make_profile(people.alice))


def _finished(data: Data, files: FolderFiles, expires_in: timedelta) -> str:
    request = data.request(What.FANS)
    path = f"{data.user_id}/{request}-1.csv"
    with files.open_writer(path) as file:
        file.write(b"id\r\n")
    data.owner.execute(
        "update exports set path = %s, finished_at = now(), expires_at = now() + %s where id = %s",
        (path, expires_in, request),
    )
    return path


async def test_what_is_over_goes_and_what_is_not_stays(data: Data, worker_pool: Pool, tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    over, good = _finished(data, files, timedelta(0)), _finished(data, files, timedelta(minutes=1))
    assert await expire(worker_pool.connection, files, KEEP) == 1
    assert (files.size(over), files.size(good)) == (None, 4)
    paths = data.owner.execute("select path from exports order by path nulls first").fetchall()
    assert [row["path"] for row in paths] == [None, good]
    assert await expire(worker_pool.connection, files, KEEP) == 0


async def test_a_file_without_a_row_goes_after_the_same_time(data: Data, worker_pool: Pool, tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    young, old = _finished(data, files, KEEP), _finished(data, files, KEEP)
    data.owner.execute("delete from exports")
    os.utime(tmp_path / old, (1, 1))
    assert await expire(worker_pool.connection, files, KEEP) == 1
    assert (files.size(young), files.size(old)) == (4, None)


async def test_a_picture_of_a_failed_login_goes_when_its_day_is_over(
    data: Data, worker_pool: Pool, tmp_path: Path, make_job: Callable[..., UUID]
) -> None:
    over, good = (make_job(*data.owned, kind) for kind in ("LOGIN", "SYNC"))
    for job, expires_in in ((over, timedelta(0)), (good, timedelta(minutes=1))):
        data.owner.execute(
            "insert into login_screenshots (user_id, profile_id, job_id, picture, expires_at)"
            " values (%s, %s, %s, 'x', now() + %s)",
            (*data.owned, job, expires_in),
        )
    assert await expire(worker_pool.connection, FolderFiles(tmp_path), KEEP) == 1
    assert data.owner.execute("select job_id from login_screenshots").fetchall() == [{"job_id": good}]


async def test_wishes_without_a_file_are_forgotten_after_a_month(data: Data, worker_pool: Pool, tmp_path: Path) -> None:
    recent, _ = data.request(What.NEW), data.request(What.NEW)
    data.owner.execute("update exports set created_at = now() - interval '31 days' where id <> %s", (recent,))
    await expire(worker_pool.connection, FolderFiles(tmp_path), KEEP)
    assert data.owner.execute("select id from exports").fetchall() == [{"id": recent}]


class _Stuck(FolderFiles):
    """Cannot remove one of its files."""

    stuck = ""

    def delete(self, path: str) -> None:
        if path == self.stuck:
            raise IndexError(path)
        super().delete(path)


async def test_a_file_that_cannot_be_removed_hinders_no_other(data: Data, worker_pool: Pool, tmp_path: Path) -> None:
    files = _Stuck(tmp_path)
    files.stuck, other = _finished(data, files, timedelta(0)), _finished(data, files, timedelta(0))
    old = tmp_path / "no one-knows-it"
    old.write_bytes(b"x")
    os.utime(old, (0, 0))
    with pytest.raises(IndexError):
        await expire(worker_pool.connection, files, KEEP)
    assert files.size(files.stuck) == 4
    assert files.size(other) is None
    assert not old.exists()
    known = data.owner.execute("select path from exports where path is not null").fetchall()
    assert known == [{"path": files.stuck}]


class _Told(FolderFiles):
    """Tells the loop when it was swept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.swept, self.loop = asyncio.Event(), asyncio.get_running_loop()

    def sweep(self, older_than: timedelta) -> int:
        removed = super().sweep(older_than)
        self.loop.call_soon_threadsafe(self.swept.set)
        return removed


async def test_a_worker_removes_them_by_itself(data: Data, worker_pool: Pool, tmp_path: Path) -> None:
    files = _Told(tmp_path)
    over = _finished(data, files, timedelta(0))
    async with expiring(replace(services_for(worker_pool), files=files)):
        await asyncio.wait_for(files.swept.wait(), 240)
    assert files.size(over) is None


async def test_a_worker_without_the_schedule_leaves_them_to_the_others(
    data: Data, worker_pool: Pool, tmp_path: Path
) -> None:
    files = _Told(tmp_path)
    over = _finished(data, files, timedelta(0))
    services = replace(services_for(worker_pool), files=files, settings=load({}, scheduler=False))
    before = asyncio.all_tasks()
    async with expiring(services):
        assert asyncio.all_tasks() == before
    assert files.size(over) == 4
