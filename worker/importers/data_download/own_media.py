"""Reads the account's own posts, reels and stories in a data download: time, text, number of files. No counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from worker.importers.data_download.entries import moment
from worker.importers.data_download.json_stream import values
from worker.importers.data_download.text import LONGEST_PATH, mend


@dataclass(frozen=True, slots=True)
class OwnMedia:
    """One posted item. `kind` is `post`, `reel` or `story`; `files` counts its pictures and videos."""

    kind: str
    posted_at: datetime
    caption: str | None
    files: int
    uri: str | None


def own_media(stream: IO[bytes], kind: str) -> Iterator[OwnMedia | None]:
    """Each item of `posts_1.json`, `reels.json` or `stories.json`, None for one without a time.

    Raises ArchiveDamaged and ArchiveUnsafe as `values` does.
    """
    for path, value in values(stream):
        if len(path) < 2 and isinstance(value, Mapping):
            yield _read(value, kind)


def _read(item: Mapping[str, Any], kind: str) -> OwnMedia | None:
    given = item.get("media")
    # A post with one picture has its time and its text at the picture.
    files = [file for file in (given if isinstance(given, list) else [given]) if isinstance(file, Mapping)] or [item]
    posted_at = moment(item.get("creation_timestamp")) or moment(files[0].get("creation_timestamp"))
    if posted_at is None:
        return None
    words = item.get("title") or files[0].get("title")
    uri = files[0].get("uri")
    return OwnMedia(
        kind,
        posted_at,
        mend(words) if isinstance(words, str) and words else None,
        len(files),
        mend(uri, LONGEST_PATH) if isinstance(uri, str) else None,
    )
