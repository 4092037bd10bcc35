"""Sessions, and logins that still wait for a second proof."""

import secrets
from dataclasses import dataclass
from urllib.parse import quote, unquote

from .login.account import Via
from .login.logged_out import LoggedOut


@dataclass(frozen=True, slots=True)
class Session:
    """A login; it belongs to the browser that made it."""

    user_id: int
    user_agent: str


class Sessions:
    """Live sessions by cookie value; ``over`` is how calls with any other are answered."""

    def __init__(self) -> None:
        self._live: dict[str, Session] = {}
        self.over = LoggedOut.REQUIRE_LOGIN

    def open(self, user_id: int, user_agent: str) -> str:
        """Return the ``sessionid`` cookie of a new session, in the platform's percent-encoded form."""
        token = f"{user_id}:{secrets.token_urlsafe(12)}:{secrets.randbelow(30)}:AY{secrets.token_urlsafe(24)}"
        self._live[token] = Session(user_id, user_agent)
        return quote(token, safe="")

    def find(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie, None if it is missing, made up or dead."""
        return self._live.get(unquote(cookie)) if cookie else None

    def tokens(self) -> list[str]:
        """Return the cookie values of all live sessions, not percent-encoded."""
        return list(self._live)

    def drop_all(self, over: LoggedOut = LoggedOut.REQUIRE_LOGIN) -> int:
        """End every session, which is answered as ``over`` says; returns how many there were."""
        ended, self.over = len(self._live), over
        self._live.clear()
        return ended


@dataclass(slots=True)
class Challenge:
    """A right password that still wants a code; ``code`` is the last one sent for it, ``via`` how.

    ``sent_at`` is when, by the real clock in seconds, and ``messages`` how many there were.
    """

    username: str
    code: str | None = None
    via: Via | None = None
    sent_at: float = 0.0
    messages: int = 0


class Challenges:
    """Open challenges by their identifier."""

    def __init__(self) -> None:
        self._open: dict[str, Challenge] = {}

    def start(self, challenge: Challenge) -> str:
        """Return the identifier under which ``challenge`` can be answered."""
        identifier = secrets.token_urlsafe(36)
        self._open[identifier] = challenge
        return identifier

    def find(self, identifier: str, username: str) -> Challenge | None:
        """Return the open challenge of that identifier and person."""
        challenge = self._open.get(identifier)
        return challenge if challenge is not None and challenge.username == username else None

    def close(self, identifier: str) -> None:
        """The challenge is answered, or replaced by another."""
        self._open.pop(identifier, None)
