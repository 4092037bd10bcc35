"""The worker refuses a path that leads out of its person's folder, whoever wrote it into the row."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from shared.db.pools import WorkerConnection
from shared.errors import ForeignFile
from shared.files.folder import FolderFiles, PersonFiles, is_own
from tests.conftest import Personas
from tests.worker.handling import claim, services_for
from worker.jobs.delete import delete_profile
from worker.jobs.files import import_download
from worker.periodic.expired_files import expire
from worker.services import Services

Owner = psycopg.Connection[dict[str, Any]]
Pool = AsyncConnectionPool[WorkerConnection]
ALICE, BOB = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("path", "own"),
    [
        (f"{ALICE}/list.csv", True),
        (f"data-downloads/{ALICE}/a.zip", True),
        (f"{BOB}/list.csv", False),
        (f"data-downloads/{BOB}/a.zip", False),
        ("data-downloads/local/a.zip", False),
        (f"{ALICE}/x/list.csv", False),
        (f"data-downloads/{ALICE}/x/a.zip", False),
        (f"data-downloads/data-downloads/{ALICE}/a.zip", False),
        (f"{ALICE}/../{BOB}/list.csv", False),
        (f"{ALICE}", False),
        ("", False),
        ("../etc/passwd", False),
        (f"/{ALICE}/list.csv", False),
    ],
)
def test_a_path_is_somebodys_own_in_their_folder_alone(path: str, own: bool, tmp_path: Path) -> None:
    assert is_own(path, ALICE) == own
    files = PersonFiles(FolderFiles(tmp_path), ALICE)
    if own:
        assert files.size(path) is None
        return
    for act in (
        lambda: files.open_reader(path),
        lambda: files.open_writer(path),
        lambda: files.delete(path),
        lambda: files.size(path),
        lambda: files.link(path, timedelta(1), "x"),
        lambda: files.sweep(timedelta(0)),
    ):
        with pytest.raises(ForeignFile):
            act()


@pytest.fixture
def services(worker_pool: Pool, tmp_path: Path) -> Services:
    return replace(services_for(worker_pool), files=FolderFiles(tmp_path / "exports"))


def put(services: Services, path: str) -> str:
    with services.files.open_writer(path) as file:
        file.write(b"Bob's")
    return path


@pytest.fixture
def bobs(services: Services, people: Personas) -> list[str]:
    """A waiting import and an export of Bob's."""
    return [
        put(services, f"data-downloads/{people.bob}/{uuid4()}-0.zip"),
        put(services, f"{people.bob}/{uuid4()}-1.csv"),
    ]


@pytest.fixture
def requested(
    owner: Owner, people: Personas, make_profile: Callable[..., UUID], make_job: Callable[..., UUID], bobs: list[str]
) -> UUID:
    """An import of Alice's profile that names Bob's files beside one of hers."""
    profile, request = make_profile(people.alice), uuid4()
    job = make_job(people.alice, profile, "IMPORT", args=Jsonb({"import_id": str(request), "all": True}))
    paths = [f"data-downloads/{people.alice}/a.zip", *bobs]
    owner.execute(
        "insert into imports (id, user_id, profile_id, job_id, filenames, paths, byte_count)"
        " values (%s, %s, %s, %s, '{a.zip,b.zip,c.zip}', %s, 1)",
        (request, people.alice, profile, job, paths),
    )
    return profile


async def test_an_import_of_somebody_elses_file_is_neither_read_nor_removed(
    services: Services, requested: UUID, bobs: list[str], people: Personas, worker_pool: Pool, owner: Owner
) -> None:
    own = put(services, f"data-downloads/{people.alice}/a.zip")
    with pytest.raises(ForeignFile):
        await import_download.run(await claim(worker_pool), services)
    assert [services.files.size(path) for path in (own, *bobs)] == [5, 5, 5]
    assert owner.execute("select 1 from people").fetchall() == []
    # The sweep after the job removes what is the person's own, and leaves the rest where it is.
    owner.execute("update sync_jobs set state = 'FAILED'")
    await expire(worker_pool.connection, services.files, timedelta(days=1))
    assert [services.files.size(path) for path in (own, *bobs)] == [None, 5, 5]
    assert owner.execute("select paths from imports").fetchall() == [{"paths": None}]


async def test_an_export_row_that_names_somebody_elses_file_removes_nothing_of_theirs(
    services: Services, people: Personas, bobs: list[str], worker_pool: Pool, owner: Owner, make_profile: Any
) -> None:
    owner.execute(
        "insert into exports (user_id, profile_id, what, format, path, finished_at, expires_at)"
        " values (%s, %s, 'media', 'csv', %s, now(), now())",
        (people.alice, make_profile(people.alice), bobs[1]),
    )
    await expire(worker_pool.connection, services.files, timedelta(days=1))
    assert services.files.size(bobs[1]) == 5
    assert owner.execute("select path from exports").fetchall() == [{"path": None}]


async def test_deleting_a_profile_removes_nothing_of_somebody_else(
    services: Services,
    requested: UUID,
    bobs: list[str],
    people: Personas,
    worker_pool: Pool,
    owner: Owner,
    make_job: Any,
) -> None:
    owner.execute("delete from sync_jobs")
    owner.execute("update profiles set state = 'DELETING'")
    make_job(people.alice, requested, "DELETE_PROFILE")
    await delete_profile.run(await claim(worker_pool), services)
    assert owner.execute("select 1 from profiles").fetchall() == []
    assert [services.files.size(path) for path in bobs] == [5, 5]
