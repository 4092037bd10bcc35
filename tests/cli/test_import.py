"""`rollcall import` with a real database: the process reads the export itself, and says what it found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from cli.import_ import import_files, whose
from cli.local_job import ServicesOf
from shared.db.pools import WorkerConnection
from shared.errors import ArchiveForeign, InputError
from shared.files.folder import FolderFiles
from shared.settings import Settings, load
from tests.conftest import Personas
from tests.rig import archives
from tests.worker.handling import services_for
from worker.services import Services

pytestmark = pytest.mark.slow
Owner = psycopg.Connection[dict[str, Any]]
NAME = "instagram-ann.test-2026-06-01-a1B2c3D4.zip"
AT = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.fixture
def services_of(worker_pool: AsyncConnectionPool[WorkerConnection], tmp_path: Path) -> ServicesOf:
    made = replace(services_for(worker_pool), files=FolderFiles(tmp_path / "shelf"))

    @asynccontextmanager
    async def given(settings: Settings, concurrency: int) -> AsyncIterator[Services]:
        yield made

    return given


async def test_an_export_is_read_for_the_account_of_the_e_mail(
    people: Personas, owner: Owner, services_of: ServicesOf, tmp_path: Path
) -> None:
    file = archives.written(tmp_path / NAME, archives.lists({"bob": AT, "cid": AT}, {"bob": AT}))
    said = await import_files(load({}), [file], whose([file], None), "alice@example.org", services_of)
    assert said[0].startswith("follower: 2 people")
    (profile,) = owner.execute("select user_id, username, state from profiles").fetchall()
    assert profile == {"user_id": people.alice, "username": "ann.test", "state": "CONNECTED"}
    (job,) = owner.execute("select state, kind from sync_jobs").fetchall()
    assert job == {"state": "COMPLETED", "kind": "IMPORT"}
    assert owner.execute("select from people where follows_me").rowcount == 2
    assert file.exists()
    assert [path for path in (tmp_path / "shelf").rglob("*") if path.is_file()] == []


async def test_without_an_account_nothing_is_kept(people: Personas, services_of: ServicesOf, tmp_path: Path) -> None:
    file = archives.written(tmp_path / NAME, archives.lists({"bob": AT}))
    with pytest.raises(InputError, match="--email"):
        await import_files(load({}), [file], "ann.test", "nobody@example.org", services_of)
    assert [path for path in (tmp_path / "shelf").rglob("*") if path.is_file()] == []


async def test_a_refused_export_says_why(people: Personas, services_of: ServicesOf, tmp_path: Path) -> None:
    file = archives.written(tmp_path / "photos.zip", {"a.jpg": b"x"})
    with pytest.raises(InputError, match="pictures and videos only"):
        await import_files(load({}), [file], "ann.test", "alice@example.org", services_of)


def test_whose_it_is_is_told_by_the_option_the_export_or_its_name(tmp_path: Path) -> None:
    named = archives.written(tmp_path / NAME, archives.lists({"bob": AT}))
    unnamed = archives.written(tmp_path / "export.zip", archives.lists({"bob": AT}))
    assert whose([named], None) == "ann.test"
    assert whose([unnamed], "@Dora") == "dora"
    with pytest.raises(InputError, match="--username"):
        whose([unnamed], None)
    with pytest.raises(ArchiveForeign):
        whose([archives.written(tmp_path / "photos.zip", {"a.jpg": b"x"})], None)
