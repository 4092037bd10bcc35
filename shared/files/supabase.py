"""`Files` in Supabase Storage: one private bucket for exports, one for uploads."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import IO, BinaryIO, cast

import httpx
from storage3 import SyncStorageClient
from storage3.exceptions import StorageApiError
from storage3.types import FileOptions, SearchV2Object, SearchV2Options, SortByV2, URLOptions

from shared.errors import FilesAway, FilesRefused, FileTooLarge, RollcallError, SessionOver
from shared.files.folder import IMPORTED, parts_of

EXPORTS = "exports"
IMPORTS = "imports"
BUCKETS = (EXPORTS, IMPORTS)
_FOR_OURSELVES = 3600
_PIECE = 1024 * 1024
_PAGE = 1000
_PREFIX = "rollcall-"
TYPE = "application/octet-stream"
_OLDEST_FIRST: SortByV2 = {"column": "updated_at", "order": "asc"}
# Storage takes its time after the last byte of a large file; no other request may be silent for that long.
_TIMEOUT = httpx.Timeout(30, read=300, write=300)

Person = Callable[[], str | None]
"""The access token of the person in whose name files are used now; None when their sign-in is over."""


class SupabaseFiles:
    """Files of one project. With `person`, in the name of that user, under row-level security; without, as `key`.

    Nothing is held in memory: files go through the disk of this machine. Raises FilesAway, FilesRefused, FileTooLarge,
    and SessionOver when `person` is given and no user is signed in.
    """

    def __init__(self, url: str, key: str, person: Person | None = None) -> None:
        self._url, self._key, self._person = url.rstrip("/"), key, person
        self._trusted = httpx.create_ssl_context()
        self._now = datetime.now(UTC)

    @contextmanager
    def open_writer(self, path: str) -> Iterator[BinaryIO]:
        bucket, key = _place(path)
        # Only the secret key may replace a file: a user's policies allow no overwriting.
        upsert = "false" if self._person else "true"
        options: FileOptions = {"content-type": TYPE, "cache-control": "0", "upsert": upsert}
        with tempfile.NamedTemporaryFile(prefix=_PREFIX) as file:
            yield cast(BinaryIO, file)
            file.flush()
            with self._storage() as storage:
                storage.from_(bucket).upload(key, file.name, options)

    def open_reader(self, path: str) -> BinaryIO:
        link = self._sign(path, _FOR_OURSELVES, None)
        with ExitStack() as stack:
            file = stack.enter_context(tempfile.TemporaryFile(prefix=_PREFIX))
            self._fetch(link, file)
            file.seek(0)
            stack.pop_all()
        return cast(BinaryIO, file)

    def size(self, path: str) -> int | None:
        bucket, key = _place(path)
        try:
            with self._storage() as storage:
                return int(storage.from_(bucket).info(key)["size"])
        except FileNotFoundError:
            return None

    def delete(self, path: str) -> None:
        bucket, key = _place(path)
        with self._storage() as storage:
            storage.from_(bucket).remove([key])

    def sweep(self, older_than: timedelta) -> int:
        with self._storage() as storage:
            return sum(self._sweep(storage, bucket, older_than) for bucket in BUCKETS)

    def link(self, path: str, lifetime: timedelta, filename: str) -> str | None:
        return self._sign(path, max(1, int(lifetime.total_seconds())), filename)

    def _sweep(self, storage: SyncStorageClient, bucket: str, older_than: timedelta) -> int:
        """Removes the oldest files first, so that a bucket of any size costs one request when nothing has expired."""
        asked: SearchV2Options = {"limit": _PAGE, "with_delimiter": False, "sortBy": _OLDEST_FIRST}
        removed = 0
        while True:
            page = storage.from_(bucket).list_v2(asked)
            before = self._now - older_than
            if old := [one.name for one in page.objects if one.updated_at < before]:
                removed += len(storage.from_(bucket).remove(old))
            if not page.hasNext or not page.nextCursor or _ends_with_young(page.objects, before):
                return removed
            asked["cursor"] = page.nextCursor

    def _sign(self, path: str, seconds: int, filename: str | None) -> str:
        bucket, key = _place(path)
        options: URLOptions = {"download": filename} if filename else {}
        with self._storage() as storage:
            link = storage.from_(bucket).create_signed_url(key, seconds, options)["signedURL"]
        if link is None:
            raise FileNotFoundError(path)
        return link

    def _fetch(self, link: str, file: IO[bytes]) -> None:
        with own_words(), self._http() as http, http.stream("GET", link) as answer:
            if answer.is_error:
                answer.read()
                raise _refusal(answer)
            for piece in answer.iter_bytes(_PIECE):
                file.write(piece)

    @contextmanager
    def _storage(self) -> Iterator[SyncStorageClient]:
        """A client for one identity: the user's token, or the key alone."""
        token = self._key if self._person is None else self._person()
        if not token:
            raise SessionOver
        headers = {"apikey": self._key, "Authorization": f"Bearer {token}"}
        with own_words(), self._http() as http:
            yield SyncStorageClient(f"{self._url}/storage/v1/", headers, http_client=http)

    def _http(self) -> httpx.Client:
        return httpx.Client(timeout=_TIMEOUT, verify=self._trusted, event_hooks={"response": [self._heard]})

    def _heard(self, answer: httpx.Response) -> None:
        """Reads Storage's own time, which dates its files."""
        if body := answer.headers.get("Date"):
            self._now = parsedate_to_datetime(body)


def _place(path: str) -> tuple[str, str]:
    """The bucket and the name in it; the first folder there is the owner's, as the policies require."""
    first, *rest = parts_of(path)
    return (IMPORTS, "/".join(rest)) if first == IMPORTED and rest else (EXPORTS, path)


def _ends_with_young(objects: Sequence[SearchV2Object], before: datetime) -> bool:
    """Whether no older file can follow; a Storage that does not sort is read to its end."""
    times = [one.updated_at for one in objects]
    return times == sorted(times) and times[-1:] >= [before]


@contextmanager
def own_words() -> Iterator[None]:
    """Translates errors of Storage into our own words."""
    try:
        yield
    except StorageApiError as error:
        raise _meaning(str(error.status), error.code, error.message) from None
    except httpx.HTTPError as error:
        raise FilesAway(f"The store of files does not answer ({type(error).__name__}).") from None
    except ValueError:
        raise FilesAway("The store of files answered in a form that Rollcall does not know.") from None


def _refusal(answer: httpx.Response) -> Exception:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    return _meaning(str(body.get("statusCode", answer.status_code)), body.get("error", ""), body.get("message", ""))


def _meaning(status: str, error: str, message: str) -> RollcallError | FileNotFoundError:
    if status == "404" and error == "not_found":
        return FileNotFoundError(message)
    if status == "413":
        return FileTooLarge()
    if status == "403" and '"exp" claim' in message:
        return SessionOver()
    if status[:1] == "5" or status == "429":
        return FilesAway()
    return FilesRefused(f"The store of files refuses this: {message or error or status}.")
