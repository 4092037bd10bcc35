"""Reads stories, their viewers, likers, one medium and the archive: the request for each, and its parser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from shared.domain.social import Likers, Media, MediaPage, Observation, PlatformId, ViewersPage
from shared.errors import MediaGone, UnknownUser
from worker.platforms.instagram_web.parsing import profile_and_lists
from worker.platforms.instagram_web.site.responses import Answer, Json

T = TypeVar("T")
_ARCHIVED = 33


class Ask(Protocol):
    """`SitePage.ask`."""

    def __call__(self, path: str, referrer: str) -> Awaitable[Answer]: ...


class Judged(Protocol):
    """`InstagramWeb._judged`."""

    def __call__(self, answer: Answer, referrer: str, parse_body: Callable[[Json], T]) -> Awaitable[Observation[T]]: ...


class MediaReads:
    """Questions about single media, asked from the profile's own page."""

    def __init__(self, ask: Ask, judged: Judged) -> None:
        self._ask, self._judged = ask, judged

    async def stories(self, owner: PlatformId, username: str) -> Observation[MediaPage]:
        """The live stories; asking does not mark them as seen (docs/platforms/instagram.md, IG-7.11)."""
        path = f"/api/v1/feed/reels_media/?{urlencode({'reel_ids': owner})}"
        return await self._read(path, username, lambda body: profile_and_lists.stories(body, owner))

    async def story_viewers(self, media_id: PlatformId, username: str, cursor: str | None) -> Observation[ViewersPage]:
        """About fifty viewers; shown for about 48 hours after the story was posted (IG-7.12)."""
        query = f"?{urlencode({'max_id': cursor})}" if cursor else ""
        return await self._read(
            f"/api/v1/media/{media_id}/list_reel_media_viewer/{query}", username, profile_and_lists.story_viewers
        )

    async def likers(self, media_id: PlatformId, username: str) -> Observation[Likers]:
        """The likers of a post, as many as one answer shows (IG-7.13)."""
        return await self._read(f"/api/v1/media/{media_id}/likers/", username, profile_and_lists.likers)

    async def media(self, media_id: PlatformId, owner: PlatformId, username: str) -> Observation[Media | None]:
        """One medium as it is now; None where Instagram no longer has it."""
        page = f"/{username}/"
        answer = await self._ask(f"/api/v1/media/{media_id}/info/", page)
        try:
            found = await self._judged(answer, page, lambda body: profile_and_lists.media_info(body, owner))
        except (UnknownUser, MediaGone):
            return Observation(None, answer.time())
        return Observation(found.value, found.observed_at)

    async def archive_page(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        """One page of the owner's own archive."""
        query = {"count": str(_ARCHIVED)} | ({"max_id": cursor} if cursor else {})
        path = f"/api/v1/feed/only_me_feed/?{urlencode(query)}"
        return await self._read(path, username, lambda body: profile_and_lists.media_page(body, owner))

    async def _read(self, path: str, username: str, parse_body: Callable[[Json], T]) -> Observation[T]:
        page = f"/{username}/"
        return await self._judged(await self._ask(path, page), page, parse_body)
