"""Storage's contents: buckets, objects with their bytes in a temporary folder, and the policies on them."""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
import threading
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from sandbox.supabase import storage_errors as errors
from sandbox.supabase.storage_caller import Caller, Role

_KEY = re.compile(r"[\w/!\-.*'() &$@=;:+,?]+", re.ASCII)
_PIECE = 1024 * 1024


class Action(StrEnum):
    """The commands that a policy on `storage.objects` may allow."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


Policies = Mapping[str, frozenset[Action]]
MIGRATED: Policies = {
    "exports": frozenset({Action.SELECT, Action.DELETE}),
    "imports": frozenset({Action.SELECT, Action.INSERT, Action.DELETE}),
}
"""What signed-in people may do in their own folder after Rollcall's migrations, by bucket."""


@dataclass(frozen=True, slots=True)
class Bucket:
    id: str
    public: bool
    created_at: datetime
    updated_at: datetime
    file_size_limit: int | None = None
    allowed_mime_types: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """One object; its bytes are in `file`."""

    id: str
    bucket: str
    name: str
    version: str
    owner: str | None
    size: int
    mimetype: str
    cache_control: str
    etag: str
    metadata: Mapping[str, Any] | None
    created_at: datetime
    updated_at: datetime
    file: Path


@dataclass(frozen=True, slots=True)
class Upload:
    """The uploaded bytes, and their sender's headers about them."""

    stream: IO[bytes]
    mimetype: str
    cache_control: str
    metadata: Mapping[str, Any] | None


@dataclass
class Shelf:
    """Everything of one project's Storage. `failing` is how many of the next requests meet a fault of the server's."""

    policies: Policies = field(default_factory=lambda: dict(MIGRATED))
    buckets: dict[str, Bucket] = field(default_factory=dict)
    objects: dict[tuple[str, str], Stored] = field(default_factory=dict)
    failing: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="storage"))
        # The bytes go together with the shelf.
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def allows(self, caller: Caller, action: Action, bucket: str, name: str) -> bool:
        """The service role bypasses policies; a person has what the bucket's policy gives in the folder of their id."""
        if caller.role is Role.SERVICE:
            return True
        own = caller.user_id is not None and name.split("/")[:-1][:1] == [caller.user_id]
        return own and action in self.policies.get(bucket, frozenset())

    def bucket(self, name: str) -> Bucket:
        found = self.buckets.get(name)
        if found is None:
            raise errors.no_bucket()
        return found

    def find(self, caller: Caller, bucket: str, name: str) -> Stored:
        """An object that the caller may see; a hidden one is not found."""
        self.bucket(bucket)
        found = self.objects.get((bucket, name))
        if found is None or not self.allows(caller, Action.SELECT, bucket, name):
            raise errors.no_object()
        return found

    def check_upload(self, caller: Caller, bucket: str, name: str, *, replacing: bool, upsert: bool) -> None:
        """Raises the refusal of an upload that may not be, before any of it is kept."""
        self.bucket(bucket)
        if not _KEY.fullmatch(name):
            raise errors.invalid_key(name)
        there = (bucket, name) in self.objects
        if replacing:
            self.find(caller, bucket, name)
        wanted = {Action.UPDATE} if replacing else {Action.INSERT}
        if upsert:
            wanted |= {Action.SELECT, Action.UPDATE}
        if not all(self.allows(caller, action, bucket, name) for action in wanted):
            raise errors.row_security()
        if there and not (replacing or upsert):
            raise errors.exists()

    def put(self, owner: str | None, bucket: str, name: str, upload: Upload, now: datetime) -> Stored:
        """Keeps the bytes, a piece at a time, within the bucket's limits."""
        place = self.bucket(bucket)
        allowed, kind = place.allowed_mime_types, upload.mimetype.split(";")[0].strip()
        if allowed and not any(kind == one or (one.endswith("/*") and kind.startswith(one[:-1])) for one in allowed):
            raise errors.wrong_type(upload.mimetype)
        file = self._folder / uuid4().hex
        size, etag = _copy(upload.stream, file, place.file_size_limit)
        with self.lock:
            before = self.objects.get((bucket, name))
            made = Stored(
                id=before.id if before else str(uuid4()),
                bucket=bucket,
                name=name,
                version=str(uuid4()),
                owner=owner,
                size=size,
                mimetype=upload.mimetype,
                cache_control=upload.cache_control,
                etag=f'"{etag}"',
                metadata=upload.metadata,
                created_at=before.created_at if before else now,
                updated_at=now,
                file=file,
            )
            self.objects[bucket, name] = made
        if before:
            before.file.unlink(missing_ok=True)
        return made

    def remove(self, bucket: str, name: str) -> Stored | None:
        """Takes an object out; its bytes stay readable where they are open."""
        with self.lock:
            gone = self.objects.pop((bucket, name), None)
        if gone:
            gone.file.unlink(missing_ok=True)
        return gone

    def move(self, found: Stored, name: str, now: datetime) -> None:
        with self.lock:
            del self.objects[found.bucket, found.name]
            self.objects[found.bucket, name] = replace(found, name=name, updated_at=now)

    def seen(self, caller: Caller, bucket: str) -> list[Stored]:
        """Everything in the bucket that the caller may see, by name."""
        with self.lock:
            found = [one for (where, _), one in sorted(self.objects.items()) if where == bucket]
        return [one for one in found if self.allows(caller, Action.SELECT, bucket, one.name)]


def _copy(stream: IO[bytes], file: Path, limit: int | None) -> tuple[int, str]:
    size, digest = 0, hashlib.md5(usedforsecurity=False)
    with file.open("wb") as target:
        while piece := stream.read(_PIECE):
            size += len(piece)
            digest.update(piece)
            target.write(piece)
            if limit is not None and size > limit:
                break
    if limit is not None and size > limit:
        file.unlink()
        raise errors.too_large()
    return size, digest.hexdigest()
