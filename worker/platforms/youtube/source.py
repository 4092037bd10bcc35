"""A channel as a source: its profile, its uploads, its figures and its audience."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.domain.insights import Audience, Days, Series, Totals
from shared.domain.social import Media, MediaPage, Observation, PlatformId, ProfileFacts
from shared.errors import NoAccountOffered, Suspended
from shared.platforms.youtube import DAY_ZONE
from worker.platforms.base import LiveSource, RateLimiter, SessionSecret, SourceOpener
from worker.platforms.http_api import open_api
from worker.platforms.youtube import parsing
from worker.platforms.youtube.app import GoogleApp
from worker.platforms.youtube.client import YouTubeApi
from worker.platforms.youtube.insights import ChannelReports
from worker.platforms.youtube.parsing import Channel
from worker.platforms.youtube.refusals import PlaylistGone
from worker.platforms.youtube.token import GoogleToken, TokenHolder
from worker.platforms.youtube.token_endpoint import TokenEndpoint
from worker.platforms.youtube.videos import VideoReports

_PAGE = 50
# YouTube opened on this day, so no channel is older.
_OPENED = datetime(2005, 2, 14, tzinfo=UTC)
OWN_CHANNEL = {"part": "id,snippet,statistics,contentDetails", "mine": "true"}


class YouTubeChannel:
    """The channel of one login. Errors as in `worker.platforms.youtube.refusals`."""

    days_at_once = 730

    def __init__(self, api: YouTubeApi) -> None:
        self._api, self._reports = api, ChannelReports(api)
        self._of_videos = VideoReports(self._reports)
        self._known: Observation[Channel] | None = None
        self._is_fresh = False

    async def check(self) -> Observation[ProfileFacts]:
        """The login's channel; the next `profile` returns this reading without asking again."""
        found = await self._read_channel()
        self._is_fresh = True
        return Observation(found.value.facts, found.observed_at)

    async def profile(self, username: str) -> Observation[ProfileFacts]:
        """The login's own channel, whatever its handle is now."""
        found = self._known if self._is_fresh and self._known else await self._read_channel()
        self._is_fresh = False
        return Observation(found.value.facts, found.observed_at)

    async def posts(self, owner: PlatformId, username: str, cursor: str | None) -> Observation[MediaPage]:
        """One page of the uploads, the newest first; a channel without a video has no such list."""
        known = await self._channel()
        query = {"part": "contentDetails", "playlistId": known.value.uploads, "maxResults": str(_PAGE)}
        try:
            page = await self._api.data("playlistItems", query | ({"pageToken": cursor} if cursor else {}))
        except PlaylistGone:
            return Observation(MediaPage((), None), known.observed_at)
        ids, further = parsing.upload_ids(page.value)
        return Observation(MediaPage(tuple(await self._videos(ids, owner, username)), further), page.observed_at)

    async def media(self, media_id: PlatformId, owner: PlatformId, username: str) -> Observation[Media | None]:
        """One video; None where it is deleted."""
        answer = await self._api.data("videos", _videos_query([media_id]))
        return Observation(parsing.videos(answer.value, owner, username).get(media_id), answer.observed_at)

    async def days_there(self) -> Observation[Days]:
        """From the day on which the channel began to yesterday, in Pacific time."""
        known, zone = await self._channel(), ZoneInfo(DAY_ZONE)
        began = max(known.value.began_at or _OPENED, _OPENED).astimezone(zone).date()
        last = known.observed_at.astimezone(zone).date() - timedelta(days=1)
        return Observation(Days(min(began, last), last), known.observed_at)

    async def daily(self, days: Days) -> Observation[Series]:
        """The daily figures of a range."""
        return await self._reports.daily(days)

    async def totals(self, days: Days) -> Observation[Totals]:
        """YouTube's own totals of a range."""
        return await self._reports.totals(days)

    async def audience(self, days: Days) -> Observation[Audience]:
        """The audience of a range."""
        return await self._reports.audience(days)

    async def _videos(self, ids: Sequence[str], owner: PlatformId, username: str) -> Iterable[Media]:
        """The videos in the order of their ids, without those that are deleted."""
        if not ids:
            return []
        answer = await self._api.data("videos", _videos_query(ids))
        found = parsing.videos(answer.value, owner, username)
        there = [found[one] for one in dict.fromkeys(ids) if one in found]
        return await self._of_videos.add_to(there, answer.observed_at)

    async def _channel(self) -> Observation[Channel]:
        return self._known or await self._read_channel()

    async def _read_channel(self) -> Observation[Channel]:
        """Raises NoAccountOffered where the login has no channel."""
        answer = await self._api.data("channels", OWN_CHANNEL)
        found = parsing.channels(answer.value)
        if not found:
            raise NoAccountOffered().as_variant("channel")
        self._known = Observation(found[0], answer.observed_at)
        return self._known


@dataclass(frozen=True, slots=True)
class LiveChannel:
    """An open channel and its token as it is after use."""

    source: YouTubeChannel
    tokens: TokenHolder

    async def session(self) -> SessionSecret:
        """The token, renewed or not."""
        return self.tokens.token.to_secret()

    async def check(self, username: str) -> Observation[ProfileFacts]:
        """The channel that the token opens, in one call. Raises Suspended where it is there no longer."""
        try:
            return await self.source.check()
        except NoAccountOffered:
            raise Suspended().as_variant("closed") from None


def opener(app: GoogleApp) -> SourceOpener:
    """Returns a function that opens channels from stored tokens."""

    @asynccontextmanager
    async def opened(secret: SessionSecret, limiter: RateLimiter) -> AsyncIterator[LiveSource]:
        token = GoogleToken.from_secret(secret)
        async with open_api(limiter) as api:
            tokens = TokenHolder(token, TokenEndpoint(api, app))
            yield LiveChannel(YouTubeChannel(YouTubeApi(api, app, tokens, limiter)), tokens)

    def open_source(secret: SessionSecret, limiter: RateLimiter) -> AbstractAsyncContextManager[LiveSource]:
        return opened(secret, limiter)

    return open_source


def _videos_query(ids: Sequence[str]) -> dict[str, str]:
    return {"part": "snippet,statistics,contentDetails,status", "id": ",".join(ids)}
