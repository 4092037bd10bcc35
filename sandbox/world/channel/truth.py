"""The true state of a channel, for a test to compare with what the product says."""

from datetime import date, timedelta
from typing import TypedDict

from .channel import Channel
from .days import day_of, span
from .figures import Figures
from .videos import Video

Json = dict[str, object]


class Counts(TypedDict):
    """Figures under the names of the analytics."""

    views: int
    engagedViews: int
    estimatedMinutesWatched: int
    averageViewDuration: int
    averageViewPercentage: float
    likes: int
    comments: int
    shares: int
    subscribersGained: int
    subscribersLost: int


def truth(channel: Channel, since: date | None = None) -> Json:
    """Return counters, videos, and the days since ``since`` that are over, all settled; by default 28 of them."""
    yesterday = day_of(channel.now) - timedelta(days=1)
    first = max(since or yesterday - timedelta(days=27), channel.first_day)
    days = list(span(first, yesterday))
    return {
        "now": channel.now.isoformat(),
        "id": channel.id,
        "title": channel.title,
        "handle": channel.handle,
        "subscribers": channel.subscribers,
        "hides_subscribers": channel.hides_subscribers,
        "state": channel.state.value,
        "views": channel.lifetime().views,
        "videos": [video_row(channel, video) for video in channel.listed(owner=True)],
        "gone": [video.id for video in channel.videos() if video.gone_at is not None],
        "days": {day.isoformat(): counts(channel.on(day)) for day in days},
        "countries": _divided(channel, days, "country"),
        "sources": _divided(channel, days, "insightTrafficSourceType"),
        "viewers": [[age, gender, share] for (age, gender), share in channel.audience.viewers().items()],
    }


def video_row(channel: Channel, video: Video) -> Json:
    """Return a video with its counters now; None where the platform shows none."""
    done = video.lifetime(channel.now)
    return {
        "id": video.id,
        "title": video.title,
        "kind": video.kind.value,
        "published_at": video.published_at.isoformat(),
        "seconds": video.length,
        "privacy": video.privacy.value,
        "views": done.views,
        "likes": done.likes if video.shows_likes else None,
        "comments": done.comments if video.takes_comments else None,
    }


def counts(figures: Figures) -> Counts:
    """Return figures under the names of the analytics."""
    return Counts(
        views=figures.views,
        engagedViews=figures.engaged,
        estimatedMinutesWatched=figures.minutes,
        averageViewDuration=figures.average_seconds,
        averageViewPercentage=figures.average_share,
        likes=figures.likes,
        comments=figures.comments,
        shares=figures.shares,
        subscribersGained=figures.gained,
        subscribersLost=figures.lost,
    )


def _divided(channel: Channel, days: list[date], dimension: str) -> dict[str, int]:
    views: dict[str, int] = {}
    for day in days:
        for part, figures in channel.divided(day, dimension).items():
            views[part] = views.get(part, 0) + figures.views
    return views
