"""The small interface of file storage, and its implementation in the folder of an embedded installation."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import time
from typing import BinaryIO, Protocol
from uuid import UUID

from shared import logs
from shared.errors import ForeignFile
from shared.folders import private_folder

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_log = logs.get("files")
_UNFINISHED = ".unfinished"
IMPORTED = "data-downloads"


def parts_of(path: str) -> list[str]:
    """The parts of a path; raises ValueError for a part that could lead elsewhere."""
    parts = path.split("/")
    if not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"not a path for a file: {path!r}")
    return parts


class Files(Protocol):
    """Files by path, such as `<user id>/<export id>.csv`. Blocking: async callers use a thread.

    A path has parts of letters, digits, `.`, `_` and `-` that begin with a letter or digit; ValueError otherwise.
    """

    def open_writer(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file that appears under `path`, whole, when the block ends well; otherwise no trace of it is left."""
        ...

    def open_reader(self, path: str) -> BinaryIO:
        """Opens the file at its beginning; raises FileNotFoundError. A deleted file can still be read to its end."""
        ...

    def size(self, path: str) -> int | None:
        """Bytes, None where there is no such file."""
        ...

    def delete(self, path: str) -> None:
        """Removes the file; a missing file is no error."""
        ...

    def sweep(self, older_than: timedelta) -> int:
        """Removes every user's files that were last written longer ago, and returns their number."""
        ...

    def link(self, path: str, lifetime: timedelta, filename: str) -> str | None:
        """A public address of the file, valid for `lifetime`; None where only this process can serve it.

        Raises FileNotFoundError.
        """
        ...


def is_own(path: str, user_id: UUID) -> bool:
    """Whether the path lies in that user's folder: `<user id>/` for exports, `data-downloads/<user id>/` else."""
    try:
        folder, _ = parts_of(path.removeprefix(f"{IMPORTED}/"))
    except ValueError:
        return False
    return folder == str(user_id)


def delete_own(files: Files, user_id: UUID, path: str) -> bool:
    """Removes a file in its user's folder. A file elsewhere stays and is logged, and the result is False."""
    if not is_own(path, user_id):
        _log.warning("foreign_file_left", path=path, user_id=str(user_id))
        return False
    files.delete(path)
    return True


class PersonFiles:
    """The files of one user; every path outside the user's own folder raises ForeignFile, unopened."""

    def __init__(self, files: Files, user_id: UUID) -> None:
        self._files, self._user_id = files, user_id

    def open_writer(self, path: str) -> AbstractContextManager[BinaryIO]:
        return self._files.open_writer(self._own(path))

    def open_reader(self, path: str) -> BinaryIO:
        return self._files.open_reader(self._own(path))

    def size(self, path: str) -> int | None:
        return self._files.size(self._own(path))

    def delete(self, path: str) -> None:
        self._files.delete(self._own(path))

    def sweep(self, older_than: timedelta) -> int:
        raise ForeignFile("A sweep is of everybody's files.")

    def link(self, path: str, lifetime: timedelta, filename: str) -> str | None:
        return self._files.link(self._own(path), lifetime, filename)

    def _own(self, path: str) -> str:
        if not is_own(path, self._user_id):
            raise ForeignFile
        return path


class FolderFiles:
    """`Files` in one folder of this machine, readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def open_writer(self, path: str) -> Iterator[BinaryIO]:
        target = self._inside(path)
        unfinished = self._private(self._folder / _UNFINISHED) / secrets.token_hex(16)
        try:
            with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            self._private(target.parent)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)

    def open_reader(self, path: str) -> BinaryIO:
        return self._inside(path).open("rb")

    def size(self, path: str) -> int | None:
        try:
            return self._inside(path).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, path: str) -> None:
        self._inside(path).unlink(missing_ok=True)

    def sweep(self, older_than: timedelta) -> int:
        before, removed = time() - older_than.total_seconds(), 0
        for folder, _, names in os.walk(self._folder):
            for name in names:
                # Another sweep, or the writer itself, may remove it first.
                with suppress(FileNotFoundError):
                    if (file := Path(folder, name)).lstat().st_mtime < before:
                        file.unlink()
                        removed += 1
        return removed

    def link(self, path: str, lifetime: timedelta, filename: str) -> str | None:
        return None

    def _inside(self, path: str) -> Path:
        parts = parts_of(path)
        root = self._folder.resolve()
        place = root.joinpath(*parts)
        # A link in the folder leads nowhere either.
        if not place.resolve().is_relative_to(root):
            raise ValueError(f"not a path for a file: {path!r}")
        return place

    def close_to_others(self) -> None:
        """Closes every folder that an earlier version left open to other users of this machine."""
        for folder, _, _ in os.walk(self._folder):
            self._private(Path(folder))

    def _private(self, folder: Path) -> Path:
        # The top folder may be a link to another disk; folders below it may not.
        root = self._folder.resolve()
        return private_folder(folder if folder.is_relative_to(root) else root / folder.relative_to(self._folder), root)
