"""TikTok's metrics: the counters of the account and of each video, as they are now.

TikTok gives no figures of days, no reach, no watch time and no audience; a course comes from Rollcall's own readings.
"""

from __future__ import annotations

from functools import partial

from shared.domain.metrics.metric import Level, Metric, Nature, Unit
from shared.messages import Message

_counter = partial(Metric, platform="tiktok", unit=Unit.COUNT, nature=Nature.COUNTER)
_of_account = partial(_counter, level=Level.ACCOUNT, group="user")
_of_video = partial(_counter, level=Level.MEDIA, group="videos")

TIKTOK_METRICS: tuple[Metric, ...] = (
    _of_account(
        id="followers",
        field="follower_count",
        sums_profiles=True,
        label=Message("Followers"),
        sentence=Message("Followers of the account, as TikTok counts them."),
    ),
    _of_account(
        id="following",
        field="following_count",
        sums_profiles=True,
        label=Message("Following"),
        sentence=Message("Accounts that it follows."),
    ),
    _of_account(
        id="videos",
        field="video_count",
        sums_profiles=True,
        label=Message("Videos"),
        sentence=Message("Videos that it has published."),
    ),
    _of_video(
        id="video_views",
        field="view_count",
        label=Message("Views of a video"),
        sentence=Message("Views of this video so far, as TikTok counts them."),
    ),
    _of_video(
        id="video_likes",
        field="like_count",
        label=Message("Likes of a video"),
        sentence=Message("Likes that this video has now."),
    ),
    _of_video(
        id="video_comments",
        field="comment_count",
        label=Message("Comments on a video"),
        sentence=Message("Comments that this video has now."),
    ),
    _of_video(
        id="video_shares",
        field="share_count",
        label=Message("Shares of a video"),
        sentence=Message("Times that this video was shared."),
    ),
)
