"""Jobs whose files lie in a hosted project: written, read, and removed when their time is over."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import anyio
import pytest
from psycopg.types.json import Jsonb

from shared.domain.exports import What
from shared.errors import FilesAway
from shared.files.supabase import SupabaseFiles
from tests.conftest import Personas
from tests.rig import archives
from tests.rig.hosted import Hosted, serving
from tests.worker.export_data import NOW, Data, Owner
from tests.worker.handling import Pool, claim, services_for
from worker.jobs.delete import delete_profile
from worker.jobs.files import export, import_download
from worker.periodic.expired_files import expire, expiring
from worker.services import Services

KEEP = timedelta(hours=72)


@pytest.fixture
def hosted() -> Iterator[Hosted]:
    with serving() as found:
        yield found


@pytest.fixture
def services(hosted: Hosted, worker_pool: Pool) -> Services:
    files = SupabaseFiles(hosted.project.url, hosted.project.secret_key)
    return replace(services_for(worker_pool), files=files)


@pytest.fixture
def data(owner: Owner, people: Personas, make_profile: Callable[..., UUID]) -> Data:
    profile = make_profile(people.alice, "ada.test", observed_at=NOW, external_id="7")
    return Data(owner, people.alice, profile)


async def _exported(data: Data, services: Services) -> dict[str, Any]:
    request = data.request(What.FOLLOWERS)
    await export.run(await claim(services.pool), services)
    return data.export(request)


async def test_an_export_lies_in_its_owners_folder(data: Data, services: Services, hosted: Hosted) -> None:
    data.follower("11", "ben")
    row = await _exported(data, services)
    content = hosted.client(data.user_id).storage.from_("exports").download(row["path"])
    assert row["byte_count"] == len(content)
    assert b"ben" in content


async def test_what_is_over_goes_from_storage_too(data: Data, services: Services, hosted: Hosted) -> None:
    over, good = await _exported(data, services), await _exported(data, services)
    data.owner.execute("update exports set expires_at = now() where id = %s", (over["id"],))
    assert await expire(services.pool.connection, services.files, KEEP) == 1
    assert [name for _, name in hosted.shelf.objects] == [good["path"]]
    data.owner.execute("delete from exports")
    hosted.project.advance(KEEP + timedelta(hours=2))
    assert await expire(services.pool.connection, services.files, KEEP) == 1
    assert hosted.shelf.objects == {}


async def test_a_storage_that_is_away_is_tried_again_and_leaves_no_half_file(
    data: Data, services: Services, hosted: Hosted
) -> None:
    request = data.request(What.FOLLOWERS)
    ctx = await claim(services.pool)
    hosted.shelf.failing = 1
    with pytest.raises(FilesAway):
        await export.run(ctx, services)
    assert (data.export(request)["path"], hosted.shelf.objects) == (None, {})
    await export.run(ctx, services)
    assert len(hosted.shelf.objects) == 1


async def test_what_a_person_handed_over_is_read_and_removed(
    data: Data, services: Services, hosted: Hosted, make_job: Callable[..., UUID]
) -> None:
    import_id = uuid4()
    path = f"data-downloads/{data.user_id}/{import_id}-0.zip"
    token = hosted.token(data.user_id)
    web = SupabaseFiles(hosted.project.url, hosted.project.publishable_key, lambda: token)
    june = datetime(2026, 6, 1, 8, tzinfo=UTC)
    with web.open_writer(path) as file:
        file.write(archives.zipped(archives.lists({"ben": june, "carla": june}, {}), june))
    args = Jsonb({"import_id": str(import_id), "all": True})
    job = make_job(data.user_id, data.profile_id, "IMPORT", args=args)
    data.owner.execute(
        "insert into imports (id, user_id, profile_id, job_id, filenames, paths, byte_count)"
        " values (%s, %s, %s, %s, '{export.zip}', %s, 1)",
        (import_id, data.user_id, data.profile_id, job, [path]),
    )
    await import_download.run(await claim(services.pool), services)
    names = data.owner.execute("select username from people order by username").fetchall()
    assert [row["username"] for row in names] == ["ben", "carla"]
    assert hosted.shelf.objects == {}


async def test_deleting_a_profile_takes_its_files(
    data: Data, services: Services, hosted: Hosted, make_job: Callable[..., UUID]
) -> None:
    await _exported(data, services)
    data.owner.execute("update sync_jobs set state = 'CANCELLED' where state = 'RUNNING'")
    data.owner.execute("update profiles set state = 'DELETING'")
    make_job(data.user_id, data.profile_id, "DELETE_PROFILE")
    await delete_profile.run(await claim(services.pool), services)
    assert hosted.shelf.objects == {}


async def test_a_storage_that_was_away_does_not_end_the_removing(
    data: Data, services: Services, hosted: Hosted
) -> None:
    over = await _exported(data, services)
    data.owner.execute("update exports set expires_at = now() where id = %s", (over["id"],))
    hosted.shelf.failing = 1
    async with expiring(services, every=timedelta(milliseconds=50)):
        with anyio.fail_after(30):
            while hosted.shelf.objects:
                await anyio.sleep(0.05)
    assert hosted.shelf.failing == 0
