"""Grants: what a person allowed the app, with its codes and tokens, and their ends."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

from sandbox.meta.hosts import Host
from sandbox.meta.people import Account, Page, Person

CODE_LIFE = timedelta(hours=1)
SHORT_LIFE, LONG_LIFE = timedelta(hours=1), timedelta(seconds=5_183_944)
DATA_ACCESS = timedelta(days=90)
_STARTS = {Host.INSTAGRAM: "IGAA", Host.FACEBOOK: "EAA"}


class End(IntEnum):
    """The end of a token, under the subcode that the error carries."""

    REMOVED = 458
    CHECKPOINT = 459
    PASSWORD = 460
    EXPIRED = 463
    UNCONFIRMED = 464
    INVALID = 467
    NO_ROLE = 492


@dataclass(slots=True, eq=False)
class Grant:
    """The app's access to one account of Instagram, or to a person on Facebook and the Pages that they chose."""

    host: Host
    person: Person
    account: Account | None = None
    scopes: frozenset[str] = frozenset()
    pages: tuple[Page, ...] = ()
    at: datetime | None = None
    end: End | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """An authorization code; it works once."""

    grant: Grant
    redirect_uri: str
    at: datetime


@dataclass(slots=True, eq=False)
class Token:
    """An access token; one of a Page has no end of its own."""

    text: str
    grant: Grant
    at: datetime
    until: datetime | None
    long: bool = False
    page: Page | None = None
    end: End | None = None

    def ended(self, now: datetime) -> End | None:
        """Return why the token is over, None while it works."""
        if self.end or self.grant.end:
            return self.end or self.grant.end
        if self.page is not None and self.page not in self.grant.person.pages:
            return End.NO_ROLE
        return End.EXPIRED if self.until is not None and now >= self.until else None

    def seconds_left(self, now: datetime) -> int:
        """Return the seconds to its end, 0 where it has none."""
        return int((self.until - now).total_seconds()) if self.until else 0


@dataclass(slots=True)
class Grants:
    """Everything that was granted, by the strings that prove it."""

    clock: Callable[[], datetime]
    every: list[Grant] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)

    def of(self, host: Host, person: Person, account: Account | None = None) -> Grant:
        """Return the grant that stands, a new and empty one at first."""
        for grant in self.every:
            if (grant.host, grant.person, grant.account, grant.end) == (host, person, account, None):
                return grant
        self.every.append(Grant(host, person, account))
        return self.every[-1]

    def code(self, grant: Grant, redirect_uri: str) -> str:
        """Return a code for a grant."""
        text = f"AQ{secrets.token_urlsafe(96)}"
        self._codes[text] = Code(grant, redirect_uri, self.clock())
        grant.at = self.clock()
        return text

    def redeem(self, text: str, host: Host, redirect_uri: str) -> Token | None:
        """Return a short token for a code, which is used up; None for a code that is used, old or another's."""
        code = self._codes.pop(text, None)
        if code is None or code.grant.host is not host or code.grant.end:
            return None
        if code.redirect_uri != redirect_uri or self.clock() > code.at + CODE_LIFE:
            return None
        return self.give(code.grant, SHORT_LIFE)

    def give(self, grant: Grant, life: timedelta | None, page: Page | None = None) -> Token:
        """Return a new token; the older ones stay as they are."""
        now = self.clock()
        text = _STARTS[grant.host] + secrets.token_urlsafe(120)
        token = Token(text, grant, now, None if life is None else now + life, long=life != SHORT_LIFE, page=page)
        self.tokens[text] = token
        return token

    def page_token(self, token: Token, page: Page) -> Token:
        """Return the token of a Page: as long-lived as the user's, without an end when that is a long one."""
        return self.give(token.grant, None if token.long else SHORT_LIFE, page)

    def expire(self) -> int:
        """End every token now and return how many there were; grants stay."""
        alive = [token for token in self.tokens.values() if token.ended(self.clock()) is None]
        for token in alive:
            token.end = End.EXPIRED
        return len(alive)

    def standing(self) -> list[Grant]:
        """Return the grants that no one took away."""
        return [grant for grant in self.every if grant.end is None and grant.scopes]

    def given(self) -> list[str]:
        """Return every token that was ever given, for a test that looks for leaks."""
        return list(self.tokens)
