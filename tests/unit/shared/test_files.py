"""Export files in a folder: whole or not there, private, and never outside."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.files import factory
from shared.files.folder import Files, FolderFiles
from shared.settings import Settings, load


def _everything(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


def _write(files: FolderFiles, path: str, text: bytes = b"x") -> None:
    with files.open_writer(path) as file:
        file.write(text)


def test_a_file_appears_whole_when_its_writer_is_done(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path / "exports")
    with files.open_writer("alice/list.csv") as file:
        file.write(b"half")
        file.flush()
        assert files.size("alice/list.csv") is None
        file.write(b" and half")
    assert files.size("alice/list.csv") == 13
    with files.open_reader("alice/list.csv") as read:
        assert read.read() == b"half and half"


def test_a_writer_that_fails_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    _write(files, "list.csv", b"old")
    writing = files.open_writer("list.csv")
    writing.__enter__().write(b"new")
    assert not writing.__exit__(RuntimeError, RuntimeError(), None)
    assert [p.read_bytes() for p in _everything(tmp_path)] == [b"old"]


def test_only_the_owner_can_read_files_and_folders(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path / "exports")
    _write(files, "alice/list.csv")
    assert (tmp_path / "exports" / "alice" / "list.csv").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "exports" / "alice").stat().st_mode & 0o777 == 0o700


def test_every_level_of_the_folders_is_closed_to_others_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        files = FolderFiles(tmp_path / "data" / "exports")
        _write(files, "alice/list.csv")
        _write(files, "data-downloads/alice/a.zip")
    finally:
        os.umask(before)
    folders = [tmp_path / "data", *(path for path in (tmp_path / "data").rglob("*") if path.is_dir())]
    assert len(folders) == 6
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def test_folders_that_an_earlier_version_left_open_are_closed_at_the_start(tmp_path: Path) -> None:
    wide = tmp_path / "exports" / "archives" / "alice"
    wide.mkdir(parents=True)
    levels = [wide, wide.parent, wide.parent.parent]
    for folder in levels:
        folder.chmod(0o755)
    settings = load({}, data_dir=tmp_path)
    for made in (factory.for_worker, lambda given: factory.for_web(given, lambda: None)):
        begin: Callable[[Settings], Files] = made
        begin(settings)
        assert {folder.stat().st_mode & 0o777 for folder in levels} == {0o700}
        for folder in levels:
            folder.chmod(0o755)


def test_the_folder_of_all_files_may_be_on_another_disk(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o755)
    (tmp_path / "exports").symlink_to(tmp_path / "disk")
    _write(FolderFiles(tmp_path / "exports"), "alice/list.csv")
    assert (tmp_path / "disk" / "alice" / "list.csv").exists()
    assert (tmp_path / "disk").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "path",
    ["", "..", "../x", "a/../../x", "/etc/passwd", "a//b", ".hidden", "a/.unfinished", "a\\b", "a\x00b", "ä", "a\n"],
)
def test_a_path_that_could_lead_elsewhere_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        FolderFiles(tmp_path).size(path)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="not a path"):
        FolderFiles(tmp_path / "exports").open_reader("link")


@given(st.text(max_size=30))
def test_whatever_the_path_nothing_outside_the_folder_is_named(path: str) -> None:
    folder = Path("/nowhere/exports")
    try:
        size = FolderFiles(folder).size(path)
    except ValueError:
        return
    assert size is None
    assert os.path.normpath(folder / path).startswith(f"{folder}/")


def test_deleting_twice_is_no_error_and_reading_goes_on_to_the_end(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    _write(files, "list.csv", b"all of it")
    with files.open_reader("list.csv") as read:
        files.delete("list.csv")
        files.delete("list.csv")
        assert read.read() == b"all of it"
    with pytest.raises(FileNotFoundError):
        files.open_reader("list.csv")


def test_a_sweep_removes_old_files_and_what_a_killed_writer_left(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    for name in ("old.csv", "bob/old.csv", "new.csv"):
        _write(files, name)
    (tmp_path / ".unfinished" / "dead").write_bytes(b"half")
    for old in ("old.csv", "bob/old.csv", ".unfinished/dead"):
        os.utime(tmp_path / old, (1, 1))
    assert files.sweep(timedelta(hours=1)) == 3
    assert [p.name for p in _everything(tmp_path)] == ["new.csv"]


def test_sweeping_a_folder_that_was_never_used_does_nothing(tmp_path: Path) -> None:
    assert FolderFiles(tmp_path / "exports").sweep(timedelta(0)) == 0
