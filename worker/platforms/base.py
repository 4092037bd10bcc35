"""What every platform's client offers to the jobs; adding a platform is writing this shape again."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from shared.domain.social import (
    Direction,
    Likers,
    ListEndpoint,
    LookedUp,
    Media,
    MediaPage,
    PeoplePage,
    PlatformId,
    ProfileFacts,
    Reading,
    ViewersPage,
)


class ProfileSource(Protocol):
    """One person's signed-in view of one profile. Every method raises the typed errors of `shared.errors`."""

    async def profile(self, username: str) -> Reading[ProfileFacts]:
        """The profile and its counters."""
        ...

    async def people(
        self,
        direction: Direction,
        owner: PlatformId,
        username: str,
        cursor: str | None,
        endpoint: ListEndpoint = ListEndpoint.REST,
    ) -> Reading[PeoplePage]:
        """One page of a list; `cursor` None starts at its beginning, any other is one that the same endpoint gave."""
        ...

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Reading[MediaPage]:
        """One page of the posts tab, pinned ones first."""
        ...

    async def reels(self, owner: PlatformId, username: str, cursor: str | None) -> Reading[MediaPage]:
        """One page of the reels tab."""
        ...

    async def look_up(self, person: PlatformId, username: str) -> Reading[LookedUp]:
        """How one person, last called `username`, stands to the profile."""
        ...

    async def stories(self, owner: PlatformId, username: str) -> Reading[MediaPage]:
        """The stories that are live now."""
        ...

    async def story_viewers(self, media_id: PlatformId, username: str, cursor: str | None) -> Reading[ViewersPage]:
        """One page of those who viewed a story; `cursor` None starts at the beginning."""
        ...

    async def likers(self, media_id: PlatformId, username: str) -> Reading[Likers]:
        """Who liked a post, as far as the platform shows them; there is no second page."""
        ...

    async def media(self, media_id: PlatformId, owner: PlatformId, username: str) -> Reading[Media | None]:
        """One medium, None where the platform has it no longer."""
        ...

    async def archived(self, owner: PlatformId, username: str, cursor: str | None) -> Reading[MediaPage]:
        """One page of what the owner has archived."""
        ...


@dataclass(frozen=True, slots=True)
class SessionSecret:
    """What a connection keeps, encrypted: Playwright's storage state and what makes the browser the same browser again.

    `text` is the JSON of `{"storage_state", "locale", "timezone_id", "viewport"}`.
    """

    text: str

    def __repr__(self) -> str:
        return "SessionSecret(…)"


class RateLimiter(Protocol):
    """What every request to the platform passes: it keeps the pace and counts against the profile's budget."""

    @property
    def is_off(self) -> bool:
        """Whether neither pace nor budget is set, so that pages may be read ahead of their turn."""
        ...

    async def acquire(self) -> None:
        """Returns when one more request may be made; raises BudgetSpent when that is not soon, and what stops a job."""
        ...


class NoLimit:
    """The rate limiter without pace and budget."""

    is_off = True

    async def acquire(self) -> None:
        return


class LiveSource(Protocol):
    """An open source and, after use, the session as it then is (cookies rotate)."""

    source: ProfileSource

    async def session(self) -> SessionSecret: ...

    async def check(self, username: str) -> Reading[ProfileFacts]:
        """Whose session it is, in one request for most; the source's next `profile` gives this reading again.

        Raises what ended the session: NeedsLogin, Challenged, RateLimited, Suspended.
        """
        ...


SourceOpener = Callable[[SessionSecret, RateLimiter], AbstractAsyncContextManager[LiveSource]]
"""Opens a browser context from a stored session and closes it at the end; its requests pass the rate limiter."""
