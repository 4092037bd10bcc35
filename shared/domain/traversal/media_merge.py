"""Merges sightings of one medium in several tabs: known values win, and hidden counts stay hidden. Pure."""

from dataclasses import replace
from typing import TypeVar

from shared.domain.social import Media, MediaKind, MediaMetrics

T = TypeVar("T")
_RICHNESS = {
    MediaKind.IMAGE: 0,
    MediaKind.VIDEO: 1,
    MediaKind.CAROUSEL: 2,
    MediaKind.REEL: 3,
    MediaKind.SHORT: 3,
    MediaKind.STORY: 4,
}


def merge(earlier: Media, later: Media) -> Media:
    """Return both sightings as one; where both know a value the later one holds.

    Flags (`is_pinned`, `counts_hidden`) hold if either tab sets them. Where one tab hides the likes and shows none, the
    likes of the other are not believed: without the flag, the platform's placeholder looks like a count.
    Raises ValueError for two different ids.
    """
    if earlier.platform_id != later.platform_id:
        raise ValueError("only sightings of the same medium are merged")
    return replace(
        later,
        kind=richer(later.kind, earlier.kind),
        code=_known(later.code, earlier.code),
        permalink=_known(later.permalink, earlier.permalink),
        caption=_known(later.caption, earlier.caption),
        hashtags=later.hashtags or earlier.hashtags,
        mentions=later.mentions or earlier.mentions,
        coauthors=later.coauthors or earlier.coauthors,
        owner_platform_id=_known(later.owner_platform_id, earlier.owner_platform_id),
        owner_username=_known(later.owner_username, earlier.owner_username),
        posted_at=_known(later.posted_at, earlier.posted_at),
        expires_at=_known(later.expires_at, earlier.expires_at),
        duration_seconds=_known(later.duration_seconds, earlier.duration_seconds),
        is_pinned=earlier.is_pinned or later.is_pinned,
        in_grid=_known(later.in_grid, earlier.in_grid),
        is_paid_partnership=_known(later.is_paid_partnership, earlier.is_paid_partnership),
        counts_hidden=earlier.counts_hidden or later.counts_hidden,
        metrics=_carry(earlier.metrics, later.metrics, hides_likes=hides_likes(earlier) or hides_likes(later)),
    )


def richer(kind: MediaKind, other: MediaKind) -> MediaKind:
    """Return the more specific kind: a tab that knows less calls a reel a video, or a carousel an image."""
    return max(kind, other, key=_RICHNESS.__getitem__)


def newest(known: MediaMetrics, shown: Media) -> MediaMetrics:
    """Return the newest known counts after the sighting `shown`: omitted counts stay known, hidden ones do not."""
    return _carry(known, shown.metrics, hides_likes=hides_likes(shown))


def hides_likes(media: Media) -> bool:
    """Whether the likes are hidden from this session, too; an owner may see likes that others do not."""
    return media.counts_hidden and media.metrics.likes is None


def _carry(earlier: MediaMetrics, later: MediaMetrics, *, hides_likes: bool) -> MediaMetrics:
    return MediaMetrics(
        likes=None if hides_likes else _known(later.likes, earlier.likes),
        comments=_known(later.comments, earlier.comments),
        plays=_known(later.plays, earlier.plays),
        facebook_plays=_known(later.facebook_plays, earlier.facebook_plays),
        views=_known(later.views, earlier.views),
        engaged_views=_known(later.engaged_views, earlier.engaged_views),
        shares=_known(later.shares, earlier.shares),
    )


def _known(value: T | None, otherwise: T | None) -> T | None:
    return otherwise if value is None else value
