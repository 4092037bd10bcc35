"""Limits of a data download's size and form, checked from the ZIP's directory before anything is unpacked."""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipInfo

from shared.errors import ArchiveEncrypted, ArchiveTooLarge, ArchiveUnsafe

_MIB, _GIB = 1024**2, 1024**3
_ENCRYPTED = 0x1 | 0x40
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes. `ratio` is unpacked to packed, for members above a megabyte; real lists stay below 30."""

    file_bytes: int = 8 * _GIB
    members: int = 100_000
    directory_bytes: int = 32 * _MIB
    unpacked_bytes: int = 64 * _GIB
    read_bytes: int = 2 * _GIB
    ratio: int = 200
    path_length: int = 500
    path_depth: int = 16


def check_members(infos: Sequence[ZipInfo], file_bytes: int, limits: Limits) -> None:
    """Raises ArchiveTooLarge, ArchiveEncrypted or ArchiveUnsafe for a directory that no data download has."""
    if len(infos) > limits.members or sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise ArchiveTooLarge
    # Members that share their bytes can unpack to far more than the file holds.
    if sum(info.compress_size for info in infos) > file_bytes:
        raise ArchiveUnsafe
    for info in infos:
        _check_path(info.orig_filename, limits)
        _check_kind(info)
        if info.file_size > _MIB and info.file_size > limits.ratio * max(1, info.compress_size):
            raise ArchiveTooLarge


def _check_path(path: str, limits: Limits) -> None:
    steps = path.replace("\\", "/").rstrip("/").split("/")
    unsafe = (
        len(path) > limits.path_length
        or len(steps) > limits.path_depth
        or path.startswith(("/", "\\"))
        or _DRIVE.match(path) is not None
        or _CONTROL.search(path) is not None
        or ".." in steps
    )
    if unsafe:
        raise ArchiveUnsafe


def _check_kind(info: ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveEncrypted
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise ArchiveUnsafe
