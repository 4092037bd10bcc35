"""Reads the end of a ZIP file: the declared size of its directory, before anything else is read."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO

from shared.errors import ArchiveDamaged, NotAnArchive

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LONGEST_COMMENT = 0xFFFF
_STARTS = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class End:
    """The values of the end record: entries, and the bytes of the directory that lists them."""

    entries: int
    directory_bytes: int


def read_end(file: IO[bytes]) -> End:
    """The end record; raises NotAnArchive for another kind of file, ArchiveDamaged for a truncated ZIP."""
    file.seek(0)
    start = file.read(4)
    if start not in _STARTS:
        raise NotAnArchive
    size = file.seek(0, 2)
    tail_at = max(0, size - _LONGEST_COMMENT - _END.size - _LOCATOR.size)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise ArchiveDamaged
    _, _, _, _, entries, directory_bytes, _, _ = _END.unpack_from(tail, at)
    if entries == 0xFFFF or directory_bytes == 0xFFFFFFFF:
        return _read_end_64(file, tail, at) or End(entries, directory_bytes)
    return End(entries, directory_bytes)


def _read_end_64(file: IO[bytes], tail: bytes, at: int) -> End | None:
    """The large form, at the place that a locator before the end record names; None without a locator."""
    if at < _LOCATOR.size or tail[at - _LOCATOR.size : at - _LOCATOR.size + 4] != b"PK\x06\x07":
        return None
    _, _, offset, _ = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
    size = file.seek(0, 2)
    if offset + _END_64.size > size:
        raise ArchiveDamaged
    file.seek(offset)
    fields = _END_64.unpack(file.read(_END_64.size))
    if fields[0] != b"PK\x06\x06":
        raise ArchiveDamaged
    return End(fields[7], fields[8])
