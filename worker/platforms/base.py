"""What every platform's client offers to the jobs; adding a platform is writing this shape again."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from shared.domain.social import Direction, MediaPage, PeoplePage, PlatformId, ProfileFacts, Reading


class ProfileSource(Protocol):
    """One person's signed-in view of one profile. Every method raises the typed errors of `shared.errors`."""

    async def profile(self, username: str) -> Reading[ProfileFacts]:
        """The profile and its counters."""
        ...

    async def people(
        self, direction: Direction, owner: PlatformId, username: str, cursor: str | None
    ) -> Reading[PeoplePage]:
        """One page of a list; `cursor` None starts at its beginning."""
        ...

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Reading[MediaPage]:
        """One page of the posts tab, pinned ones first."""
        ...

    async def reels(self, owner: PlatformId, username: str, cursor: str | None) -> Reading[MediaPage]:
        """One page of the reels tab."""
        ...


@dataclass(frozen=True, slots=True)
class SessionSecret:
    """What a connection keeps, encrypted: Playwright's storage state and what makes the browser the same browser again.

    `text` is the JSON of `{"storage_state", "locale", "timezone_id", "viewport", "user_agent"}`.
    """

    text: str

    def __repr__(self) -> str:
        return "SessionSecret(…)"


class LiveSource(Protocol):
    """An open source and, after use, the session as it then is (cookies rotate)."""

    source: ProfileSource

    async def session(self) -> SessionSecret: ...


SourceOpener = Callable[[SessionSecret], AbstractAsyncContextManager[LiveSource]]
"""Opens a browser context from a stored session and closes it at the end, whatever the end."""
