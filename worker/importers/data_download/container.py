"""Opens a data download: one ZIP, the several ZIPs of a large one, or a single file of it. All of it is untrusted."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO
from zipfile import BadZipFile, ZipFile, ZipInfo

from shared.errors import ArchiveDamaged, ArchiveTooLarge
from worker.importers.data_download.end_record import read_end
from worker.importers.data_download.file_names import is_leftover, original_name
from worker.importers.data_download.limits import Limits, check_members
from worker.importers.data_download.origin import require_instagram

# Errors of Python's ZIP module for a senseless directory, and for a member that does not unpack.
_NO_DIRECTORY = (BadZipFile, EOFError, NotImplementedError, ValueError)
_BROKEN = (BadZipFile, zlib.error, EOFError)
_LOOSE_STARTS = (b"[", b"{", b"<")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a data download.

    `modified` is the ZIP's own time of it, taken as UTC; None where it has none. `source` is the name of the uploaded
    file that holds it.
    """

    name: str
    size: int
    modified: datetime | None
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    source: str = ""

    @property
    def file_name(self) -> str:
        """The last part of the path under the original's name, in lower case: folders differ from year to year."""
        return original_name(self.name.replace("\\", "/").rsplit("/", 1)[-1])


class Archive:
    """The members of all parts of one data download, by name. Only opened members are unpacked, a piece at a time."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)

    @contextmanager
    def reading(self, member: Member) -> Iterator[IO[bytes]]:
        """The member from its beginning. A broken one raises ArchiveDamaged, whenever that is noticed."""
        try:
            with member.open() as stream:
                yield stream
        except _BROKEN as error:
            raise ArchiveDamaged from error


@contextmanager
def open_archive(parts: Sequence[tuple[str, IO[bytes]]], limits: Limits | None = None) -> Iterator[Archive]:
    """The data download that these files (name and content) form together.

    Raises NotAnArchive, ArchiveDamaged, ArchiveTooLarge, ArchiveEncrypted, ArchiveUnsafe, ArchiveNested or
    ArchiveForeign before anything is unpacked. The files stay open.
    """
    rules = limits or Limits()
    found = [member for name, file in parts for member in _members(name, file, rules)]
    members = [member for member in found if not is_leftover(member.name)]
    require_instagram([member.name for member in members])
    yield Archive(members)


def _members(name: str, file: IO[bytes], limits: Limits) -> list[Member]:
    size = file.seek(0, 2)
    if size > limits.file_bytes:
        raise ArchiveTooLarge
    if _is_loose(name, file):
        return [_loose(name, file, size, limits)]
    end = read_end(file)
    if end.entries > limits.members or end.directory_bytes > limits.directory_bytes:
        raise ArchiveTooLarge
    try:
        # A ZipFile only seeks and reads the file; the opener closes it.
        zipped = ZipFile(file)
        infos = zipped.infolist()
    except _NO_DIRECTORY as error:
        raise ArchiveDamaged from error
    check_members(infos, size, limits)
    return [_zipped(name, zipped, info, limits) for info in infos if not info.is_dir()]


def _is_loose(name: str, file: IO[bytes]) -> bool:
    file.seek(0)
    start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return start in _LOOSE_STARTS and name.lower().endswith((".json", ".html", ".htm"))


def _loose(name: str, file: IO[bytes], size: int, limits: Limits) -> Member:
    if size > limits.read_bytes:
        raise ArchiveTooLarge

    def reopened() -> AbstractContextManager[IO[bytes]]:
        file.seek(0)
        return nullcontext(file)

    return Member(name, size, None, reopened, name)


def _zipped(source: str, zipped: ZipFile, info: ZipInfo, limits: Limits) -> Member:
    def unpacked() -> AbstractContextManager[IO[bytes]]:
        if info.file_size > limits.read_bytes:
            raise ArchiveTooLarge
        return zipped.open(info)

    return Member(info.filename, info.file_size, _modified(info), unpacked, source)


def _modified(info: ZipInfo) -> datetime | None:
    try:
        noted = datetime(*info.date_time, tzinfo=UTC)
    except ValueError:
        return None
    # 1980 is a ZIP's time when its maker set none.
    return noted if noted.year > 1980 else None
