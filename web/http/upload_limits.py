"""Admits large uploads, per person and in total, by their header, before a byte is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error
from werkzeug.http import parse_cookie

from shared import logs
from shared.db.pools import WebConnection
from shared.settings import Settings
from shared.store.users import sessions
from web.auth.session import cookie_name, token_hash
from web.http.body_limits import Parser
from web.http.channel import Channel
from web.translation import _

_log = logs.get("web.http.upload_limits")
Who = Callable[[str], UUID | None]
"""The person of a Cookie header, None when no one is signed in; may take its time, and may fail."""


class TurnedAway(Error):  # type: ignore[misc]
    """An answer before the body was accepted; the connection is closed after it."""

    def __init__(self, status: str, text: str, *headers: tuple[str, str]) -> None:
        super().__init__(text)
        self._status, self._headers = status, headers

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        kept = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
        return self._status, [*kept, *self._headers], f"{self.body}\n".encode()


def sign_in_first(path: str) -> TurnedAway:
    """Redirects a visitor to the sign-in, and back."""
    return TurnedAway("303 See Other", _("Please sign in first."), ("Location", f"/login?next={path}"))


def wait_a_little(text: str) -> TurnedAway:
    """The answer when the room for uploads is full."""
    return TurnedAway("503 Service Unavailable", text, ("Retry-After", "60"))


class Uploads:
    """The running uploads. `most` is the room for all of them, in bytes; each person has one at a time."""

    def __init__(self, who: Who, largest: int, most: int) -> None:
        self._who, self._largest, self._most = who, largest, max(most, largest)
        self._lock = Lock()
        self._held: dict[Parser, tuple[UUID, int]] = {}
        self._threads = ThreadedTaskDispatcher()
        self._threads.set_thread_count(1)

    def ask(self, channel: Channel, request: Parser) -> None:
        """See `body_limits.Doorman`; a thread of its own asks the database, so no other request waits for it."""
        self._threads.add_task(_Question(self, channel, request))

    def release(self, request: Parser) -> None:
        """Gives the room of this request back."""
        with self._lock:
            self._held.pop(request, None)

    def verdict(self, request: Parser) -> Error | None:
        """None when the request may send its body, for which room is then reserved; else the answer."""
        try:
            person = self._who(request.headers.get("COOKIE", ""))
        except psycopg.Error as error:
            _log.error("upload_not_decided", error=type(error).__name__)
            return wait_a_little(_("The database does not answer. Try again in a moment."))
        if person is None:
            return sign_in_first(str(request.path))
        with self._lock:
            return self._room_for(person, request)

    def _room_for(self, person: UUID, request: Parser) -> Error | None:
        # A body in chunks does not state its length.
        size = self._largest if request.chunked else int(request.content_length)
        if any(holder == person for holder, _ in self._held.values()):
            return wait_a_little(_("Another upload of yours is still running. Let it finish, then try again."))
        if sum(held for _, held in self._held.values()) + size > self._most:
            _log.warning("uploads_full", uploads=len(self._held))
            return wait_a_little(_("Other people are uploading right now. Try again in a few minutes."))
        self._held[request] = (person, size)
        return None


@dataclass(slots=True)
class _Question:
    """A task of waitress' dispatcher."""

    uploads: Uploads
    channel: Channel
    request: Parser

    def service(self) -> None:
        self.channel.decide(self.request, self.uploads.verdict(self.request))

    def cancel(self) -> None:
        """The server ends, and closes the connection itself."""


def by_session(pool: ConnectionPool[WebConnection], settings: Settings) -> Who:
    """Finds the person by the session's cookie."""
    name = cookie_name(settings)

    def who(cookies: str) -> UUID | None:
        token = parse_cookie(cookies).get(name)
        if not token or len(token) > 100:
            return None
        with pool.connection() as conn:
            found = sessions.find(conn, token_hash(token), settings.session_lifetime, settings.session_longest)
        return None if found is None else found.user_id

    return who
