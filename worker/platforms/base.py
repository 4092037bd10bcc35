"""The protocols by which jobs read a platform; a source implements those that its platform can serve."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from shared.domain.insights import Audience, Days, MediaFigures, Series, Totals
from shared.domain.social import (
    Direction,
    EndpointId,
    Likers,
    LookedUp,
    Media,
    MediaPage,
    Observation,
    OfficialMedium,
    PeoplePage,
    PlatformId,
    ProfileFacts,
    ViewersPage,
)


@runtime_checkable
class ReadsProfile(Protocol):
    """Reads the profile. Every method of these protocols raises the typed errors of `shared.errors`."""

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        """The profile and its counters."""
        ...


@runtime_checkable
class ReadsPeople(ReadsProfile, Protocol):
    """Reads the lists of people."""

    async def people(
        self,
        direction: Direction,
        owner: PlatformId,
        username: str,
        cursor: str | None,
        endpoint: EndpointId,
    ) -> Observation[PeoplePage]:
        """One page of a list; `cursor` None starts at its beginning, any other one must come from the same endpoint."""
        ...


@runtime_checkable
class ReadsPublicProfiles(ReadsProfile, Protocol):
    """Reads one person who is missing from a list."""

    async def look_up(self, person: PlatformId, username: str) -> Observation[LookedUp]:
        """The relation of one person, last called `username`, to the profile."""
        ...


@runtime_checkable
class ReadsMedia(ReadsProfile, Protocol):
    """Reads posts, newest first."""

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        """One page of the posts, pinned ones first; raises StaleCursor for a cursor that works no longer."""
        ...


@runtime_checkable
class LooksUpMedia(ReadsMedia, Protocol):
    """Reads a post that its list lacks."""

    async def media(self, media_id: PlatformId, owner: PlatformId, username: str) -> Observation[Media | None]:
        """One medium; None where the platform no longer has it."""
        ...


@runtime_checkable
class ReadsReels(ReadsMedia, Protocol):
    """Reads a second tab, with reels that the posts may lack."""

    async def reels(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        """One page of the reels tab."""
        ...


@runtime_checkable
class ReadsArchive(ReadsMedia, Protocol):
    """Reads what the owner has taken out of sight."""

    async def archive_page(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        """One page of the owner's archive."""
        ...


@runtime_checkable
class ReadsStories(ReadsProfile, Protocol):
    """Reads stories."""

    async def stories(self, owner: PlatformId, username: str) -> Observation[MediaPage]:
        """The live stories."""
        ...


@runtime_checkable
class ReadsViewers(ReadsProfile, Protocol):
    """Reads who viewed a story."""

    async def story_viewers(self, media_id: PlatformId, username: str, cursor: str | None) -> Observation[ViewersPage]:
        """One page of a story's viewers; `cursor` None starts at the beginning."""
        ...


@runtime_checkable
class ReadsMediaFigures(ReadsMedia, Protocol):
    """Reads the official figures of posts and stories, one at a time."""

    async def media_figures(self, medium: OfficialMedium) -> Observation[MediaFigures]:
        """The figures of a medium by its official id; a figure that the platform does not give is left out."""
        ...


@runtime_checkable
class ReadsLikers(ReadsProfile, Protocol):
    """Reads who liked a post."""

    async def likers(self, media_id: PlatformId, username: str) -> Observation[Likers]:
        """The likers of a post, as far as the platform shows them; there is no second page."""
        ...


@runtime_checkable
class ReadsInsights(ReadsProfile, Protocol):
    """Reads the profile's official figures; the days are the platform's own."""

    @property
    def days_at_once(self) -> int:
        """Most days that one call of `daily` should ask for; they are stored before more are asked for."""
        ...

    async def days_there(self) -> Observation[Days]:
        """The days for which there may be figures: from the profile's first one to the last that has ended."""
        ...

    async def daily(self, days: Days) -> Observation[Series]:
        """The daily figures of a range, of every metric that is declared for the platform."""
        ...

    async def totals(self, days: Days) -> Observation[Totals]:
        """The platform's own totals of a range, which may be more than the sum of its days."""
        ...


@runtime_checkable
class ReadsAudience(ReadsInsights, Protocol):
    """Reads who the audience is."""

    async def audience(self, days: Days) -> Observation[Audience]:
        """The audience of a range by each breakdown; a breakdown without figures has no shares."""
        ...


@dataclass(frozen=True, slots=True)
class SessionSecret:
    """A connection's stored secret, encrypted: a browser's session, or the tokens of an official way in.

    `text` is JSON: `{"storage_state", "locale", "timezone_id", "viewport"}`, or `{"access_token", "refresh_token",
    "expires_at", "scopes"}`. `scopes` is what the tokens allow now, and `ends_at` (aware) when the person has to
    connect again; each is None where that is not known.
    """

    text: str
    scopes: frozenset[str] | None = None
    ends_at: datetime | None = None

    def __repr__(self) -> str:
        return "SessionSecret(…)"


@dataclass(frozen=True, slots=True)
class Cost:
    """The price of a call to an official interface: so many units of the quota of this name."""

    quota: str
    units: int = 1


class RateLimiter(Protocol):
    """The rate limiter before every request to the platform: it keeps the pace and counts against the budget."""

    @property
    def is_off(self) -> bool:
        """Whether neither pace nor budget is set, so that pages may be read ahead of their turn."""
        ...

    async def acquire(self, cost: Cost | None = None) -> None:
        """Returns when one more request may be made; raises BudgetSpent for a long wait, and what stops a job.

        A call to an official interface says its cost; QuotaSpent is raised where that is not left.
        """
        ...

    async def mark_spent(self, cost: Cost, until: datetime) -> None:
        """Takes the platform's own word that this quota is spent until a time."""
        ...

    def keep_rest(self, cost: Cost, until: datetime) -> None:
        """Keeps what is left of this quota for what a person started, until a time; the platform says it is little."""
        ...


class NoLimit:
    """The rate limiter without pace and budget."""

    is_off = True

    async def acquire(self, cost: Cost | None = None) -> None:
        return

    async def mark_spent(self, cost: Cost, until: datetime) -> None:
        return

    def keep_rest(self, cost: Cost, until: datetime) -> None:
        return


class LiveSource(Protocol):
    """An open source and, after use, its present session (cookies rotate)."""

    @property
    def source(self) -> ReadsProfile:
        """What reads; it implements a protocol for each reading that the platform offers."""
        ...

    async def session(self) -> SessionSecret: ...

    async def check(self, username: str) -> Observation[ProfileFacts]:
        """The session's account, in one request for most; the source's next `profile` returns this reading again.

        Raises the errors that end a session: NeedsLogin, Challenged, RateLimited, Suspended.
        """
        ...


@runtime_checkable
class KnowsLogin(LiveSource, Protocol):
    """An open source whose provider names the login to this app by an id of its own."""

    @property
    def login_id(self) -> str | None:
        """That id, known once the account was read; None where the provider has not named it."""
        ...


StoreSecret = Callable[[SessionSecret], Awaitable[None]]
"""Stores a connection's secret at once, in a commit of its own, and raises where that is not possible."""


@runtime_checkable
class RotatesTokens(LiveSource, Protocol):
    """An open source with a refresh token that works once, so that each new one has to be stored before it is used."""

    def store_by(self, store: StoreSecret) -> None:
        """Takes what stores each new token."""
        ...


SourceOpener = Callable[[SessionSecret, RateLimiter], AbstractAsyncContextManager[LiveSource]]
"""Opens a browser context from a stored session and closes it at the end; its requests pass the rate limiter."""
