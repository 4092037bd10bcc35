"""Files in Supabase Storage: whole or not there, nothing in memory, and each person in their own folder."""

import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from sandbox.supabase.project import KeyKind
from shared.errors import ConfigError, FilesAway, FilesRefused, FileTooLarge, SessionOver
from shared.files import factory
from shared.files.folder import FolderFiles
from shared.files.supabase import SupabaseFiles
from shared.settings import load
from tests.rig.hosted import Hosted, serving

ALICE, BOB = UUID(int=1), UUID(int=2)
EXPORT, IMPORT = f"{ALICE}/list.csv", f"data-downloads/{ALICE}/a.zip"


@pytest.fixture(params=list(KeyKind))
def hosted(request: pytest.FixtureRequest) -> Iterator[Hosted]:
    with serving(request.param) as found:
        yield found


@pytest.fixture
def worker(hosted: Hosted) -> SupabaseFiles:
    return SupabaseFiles(hosted.project.url, hosted.project.secret_key)


def person(hosted: Hosted, user_id: UUID | None) -> SupabaseFiles:
    """The web's files while this person is signed in."""
    token = None if user_id is None else hosted.token(user_id)
    return SupabaseFiles(hosted.project.url, hosted.project.publishable_key, lambda: token)


def _write(files: SupabaseFiles, path: str, content: bytes = b"all of it") -> None:
    with files.open_writer(path) as file:
        file.write(content)


def _read(files: SupabaseFiles, path: str) -> bytes:
    with files.open_reader(path) as file:
        return file.read()


def test_a_file_appears_whole_when_its_writer_is_done(hosted: Hosted, worker: SupabaseFiles) -> None:
    with worker.open_writer(EXPORT) as file:
        file.write(b"half")
        file.flush()
        assert worker.size(EXPORT) is None
        file.write(b" and half")
    assert worker.size(EXPORT) == 13
    assert _read(worker, EXPORT) == b"half and half"
    assert list(hosted.shelf.objects) == [("exports", EXPORT)]


def test_a_writer_that_fails_leaves_nothing_and_keeps_what_was_there(hosted: Hosted, worker: SupabaseFiles) -> None:
    _write(worker, EXPORT, b"old")
    writing = worker.open_writer(EXPORT)
    writing.__enter__().write(b"new")
    assert not writing.__exit__(RuntimeError, RuntimeError(), None)
    assert _read(worker, EXPORT) == b"old"
    _write(worker, EXPORT, b"newer")
    assert _read(worker, EXPORT) == b"newer"


def test_deleting_twice_is_no_error_and_reading_goes_on_to_the_end(worker: SupabaseFiles) -> None:
    _write(worker, EXPORT)
    with worker.open_reader(EXPORT) as read:
        worker.delete(EXPORT)
        worker.delete(EXPORT)
        assert read.read() == b"all of it"
    with pytest.raises(FileNotFoundError):
        worker.open_reader(EXPORT)
    with pytest.raises(FileNotFoundError):
        worker.link(EXPORT, timedelta(minutes=15), "list.csv")


@pytest.mark.parametrize("path", ["", "../x", "a//b", ".hidden", "a/%2e%2e/b", "ä"])
def test_a_path_that_could_lead_elsewhere_is_refused(worker: SupabaseFiles, path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        worker.size(path)


def test_the_owner_gets_a_link_for_a_while_and_nobody_else_gets_one(hosted: Hosted, worker: SupabaseFiles) -> None:
    _write(worker, EXPORT)
    link = person(hosted, ALICE).link(EXPORT, timedelta(minutes=15), "rollcall a.csv")
    assert link is not None
    answer = httpx.get(link)
    assert (answer.status_code, answer.content) == (200, b"all of it")
    assert "rollcall%20a.csv" in answer.headers["Content-Disposition"]
    with pytest.raises(FileNotFoundError):
        person(hosted, BOB).link(EXPORT, timedelta(minutes=15), "rollcall.csv")
    hosted.project.advance(timedelta(minutes=14))
    assert httpx.get(link).status_code == 200
    hosted.project.advance(timedelta(minutes=2))
    assert httpx.get(link).status_code == 400


def test_what_a_person_hands_over_goes_to_the_worker(hosted: Hosted, worker: SupabaseFiles) -> None:
    alice = person(hosted, ALICE)
    _write(alice, IMPORT, b"zip")
    assert list(hosted.shelf.objects) == [("imports", f"{ALICE}/a.zip")]
    assert _read(worker, IMPORT) == b"zip"
    with pytest.raises(FileNotFoundError):
        person(hosted, BOB).open_reader(IMPORT)
    person(hosted, BOB).delete(IMPORT)
    assert worker.size(IMPORT) == 3
    alice.delete(IMPORT)
    assert worker.size(IMPORT) is None


@pytest.mark.parametrize("path", [EXPORT, f"data-downloads/{BOB}/a.zip"])
def test_a_person_writes_nowhere_else(hosted: Hosted, path: str) -> None:
    with pytest.raises(FilesRefused, match="row-level security"):
        _write(person(hosted, ALICE), path)


def test_who_is_signed_out_or_whose_token_is_over_is_asked_to_sign_in(hosted: Hosted, worker: SupabaseFiles) -> None:
    _write(worker, EXPORT)
    with pytest.raises(SessionOver):
        person(hosted, None).link(EXPORT, timedelta(minutes=1), "x")
    alice = person(hosted, ALICE)
    hosted.project.advance(timedelta(hours=2))
    with pytest.raises(SessionOver):
        alice.link(EXPORT, timedelta(minutes=1), "x")


def test_a_sweep_removes_what_is_old_of_everybody_in_both_buckets(hosted: Hosted, worker: SupabaseFiles) -> None:
    _write(worker, f"{BOB}/old.csv")
    _write(worker, IMPORT)
    hosted.project.advance(timedelta(hours=2))
    _write(worker, EXPORT)
    assert worker.sweep(timedelta(hours=1)) == 2
    assert list(hosted.shelf.objects) == [("exports", EXPORT)]
    assert worker.sweep(timedelta(hours=1)) == 0


def test_a_fault_of_storages_passes_and_a_wrong_key_does_not(hosted: Hosted, worker: SupabaseFiles) -> None:
    hosted.shelf.failing = 1
    with pytest.raises(FilesAway):
        worker.size(EXPORT)
    assert worker.size(EXPORT) is None
    with pytest.raises(FilesRefused, match="Invalid API key"):
        SupabaseFiles(hosted.project.url, "sb_secret_of_another").size(EXPORT)
    del hosted.shelf.buckets["exports"]
    with pytest.raises(FilesRefused, match="Bucket not found"):
        _write(worker, EXPORT)


def test_a_storage_that_is_not_there_is_said(hosted: Hosted) -> None:
    with pytest.raises(FilesAway, match="ConnectError"):
        SupabaseFiles("http://127.0.0.1:1", hosted.project.secret_key).size(EXPORT)


def test_a_file_beyond_the_projects_limit_is_told_as_such(hosted: Hosted, worker: SupabaseFiles) -> None:
    hosted.client().storage.update_bucket("exports", {"file_size_limit": 4})
    with pytest.raises(FileTooLarge):
        _write(worker, EXPORT)


def test_a_large_file_goes_up_and_comes_back_through_the_disk(hosted: Hosted, worker: SupabaseFiles) -> None:
    piece, pieces = bytes(1024 * 1024), 40
    tracemalloc.start()
    try:
        with worker.open_writer(EXPORT) as file:
            for _ in range(pieces):
                file.write(piece)
        with worker.open_reader(EXPORT) as read:
            assert sum(len(some) for some in iter(lambda: read.read(1024 * 1024), b"")) == pieces * len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 * 1024 * 1024


def test_each_process_gets_its_own_kind_of_files(tmp_path: Path) -> None:
    embedded = load({"ROLLCALL_DATA_DIR": str(tmp_path)})
    assert isinstance(factory.for_worker(embedded), FolderFiles)
    assert isinstance(factory.for_web(embedded, lambda: None), FolderFiles)
    hosted = {"SUPABASE_URL": "https://ref.supabase.co"}
    with pytest.raises(ConfigError, match="SUPABASE_SECRET_KEY"):
        factory.for_worker(load(hosted | {"SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x"}))
    with pytest.raises(ConfigError, match="SUPABASE_PUBLISHABLE_KEY"):
        factory.for_web(load(hosted | {"SUPABASE_SECRET_KEY": "sb_secret_x"}), lambda: None)
    assert isinstance(factory.for_worker(load(hosted | {"SUPABASE_SECRET_KEY": "sb_secret_x"})), SupabaseFiles)
