"""YouTube's metrics: those of the Data API's counters and of the Analytics API's reports.

Its days are those of Pacific time, and a day is settled 72 hours after its end.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from shared.domain.metrics.metric import Break, Level, Metric, Nature, Unit
from shared.messages import Message

# Shorts first, then everything else, began to count each start; `engaged_views` keeps the meaning of before.
_SHORTS = Break(date(2025, 3, 31), Message("From this day a Short counts a view at each start and each replay."))
_EVERYTHING = Break(
    date(2026, 8, 24),
    Message("From this day a view counts from the first frame, in autoplay and in previews, too."),
)
_SETTLES = timedelta(hours=72)
_metric = partial(Metric, platform="youtube", zone="America/Los_Angeles")
_daily = partial(
    _metric,
    level=Level.ACCOUNT,
    unit=Unit.COUNT,
    nature=Nature.FLOW,
    group="days",
    sums_days=True,
    sums_profiles=True,
    settles_after=_SETTLES,
)
_average = partial(_daily, nature=Nature.ESTIMATE, sums_days=False, sums_profiles=False)
_counter = partial(_metric, unit=Unit.COUNT, nature=Nature.COUNTER, group="counters")

YOUTUBE_METRICS: tuple[Metric, ...] = (
    _daily(
        id="views",
        field="views",
        label=Message("Views"),
        sentence=Message("Starts of your videos, as YouTube counts views."),
        breaks=(_SHORTS, _EVERYTHING),
    ),
    _daily(
        id="engaged_views",
        field="engagedViews",
        label=Message("Engaged views"),
        sentence=Message("Views of people who went on watching; YouTube's older way of counting views."),
    ),
    _daily(
        id="watch_minutes",
        field="estimatedMinutesWatched",
        unit=Unit.MINUTES,
        label=Message("Watch time"),
        sentence=Message("Minutes that people watched, as YouTube estimates them."),
    ),
    _average(
        id="average_view_seconds",
        field="averageViewDuration",
        unit=Unit.SECONDS,
        label=Message("Average view"),
        sentence=Message("Seconds that a view lasted on average."),
    ),
    _average(
        id="average_view_percent",
        field="averageViewPercentage",
        unit=Unit.PERCENT,
        label=Message("Average part watched"),
        sentence=Message("Part of a video that was watched on average; above 100 where people watch it again."),
    ),
    _daily(
        id="likes",
        field="likes",
        label=Message("Likes"),
        sentence=Message("Likes that your videos got."),
    ),
    _daily(
        id="comments",
        field="comments",
        label=Message("Comments"),
        sentence=Message("Comments that your videos got."),
    ),
    _daily(
        id="shares",
        field="shares",
        label=Message("Shares"),
        sentence=Message("Uses of the share button under your videos."),
    ),
    _daily(
        id="subscribers_gained",
        field="subscribersGained",
        label=Message("Subscribers gained"),
        sentence=Message("People who subscribed."),
    ),
    _daily(
        id="subscribers_lost",
        field="subscribersLost",
        label=Message("Subscribers lost"),
        sentence=Message("People who ended their subscription."),
    ),
    _counter(
        id="subscribers",
        field="subscriberCount",
        level=Level.ACCOUNT,
        sums_profiles=True,
        label=Message("Subscribers"),
        sentence=Message("Subscribers of the channel; YouTube rounds the number to three digits."),
    ),
    _counter(
        id="videos",
        field="videoCount",
        level=Level.ACCOUNT,
        sums_profiles=True,
        label=Message("Videos"),
        sentence=Message("Public videos of the channel."),
    ),
    _counter(
        id="video_views",
        field="viewCount",
        level=Level.MEDIA,
        label=Message("Views of a video"),
        sentence=Message("Starts of this video so far, as YouTube counts views."),
        breaks=(_SHORTS, _EVERYTHING),
    ),
    _counter(
        id="video_engaged_views",
        field="engagedViews",
        level=Level.MEDIA,
        group="videos",
        label=Message("Engaged views of a video"),
        sentence=Message("Views of this video by people who went on watching, up to three days ago."),
    ),
    _counter(
        id="video_likes",
        field="likeCount",
        level=Level.MEDIA,
        label=Message("Likes of a video"),
        sentence=Message("Likes that this video has now."),
    ),
    _counter(
        id="video_comments",
        field="commentCount",
        level=Level.MEDIA,
        label=Message("Comments on a video"),
        sentence=Message("Comments that this video has now."),
    ),
    _average(
        id="viewer_percent",
        field="viewerPercentage",
        level=Level.AUDIENCE,
        unit=Unit.PERCENT,
        group="viewers",
        label=Message("Share of viewers"),
        sentence=Message("Part of the viewers who were signed in, by age and gender, as YouTube estimates it."),
    ),
)
