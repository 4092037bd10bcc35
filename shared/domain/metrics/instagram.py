"""Instagram's metrics: those of the insights of an account, of its media and of its audience.

Its days are those of Pacific time, and a day is settled 48 hours after its end. `field` is Instagram's name; what
follows a dot is the value of a breakdown.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

from shared.domain.metrics.metric import Level, Metric, Nature, Unit
from shared.messages import Message

_REPOSTS_SINCE = date(2025, 12, 3)
_metric = partial(Metric, platform="instagram", unit=Unit.COUNT, zone="America/Los_Angeles")
_daily = partial(
    _metric,
    level=Level.ACCOUNT,
    nature=Nature.FLOW,
    group="day",
    sums_days=True,
    sums_profiles=True,
    settles_after=timedelta(hours=48),
)
_people = partial(_daily, nature=Nature.UNIQUE, sums_days=False, sums_profiles=False)
_medium = partial(_metric, level=Level.MEDIA, nature=Nature.COUNTER, group="media")
_audience = partial(_metric, level=Level.AUDIENCE, nature=Nature.UNIQUE)

INSTAGRAM_METRICS: tuple[Metric, ...] = (
    _people(
        id="reach",
        field="reach",
        group="reach",
        label=Message("Reach"),
        sentence=Message("Accounts that saw something of yours, ads included, as Instagram estimates them."),
    ),
    _daily(
        id="views",
        field="views",
        label=Message("Views"),
        sentence=Message("Times that something of yours was shown or played."),
    ),
    _people(
        id="accounts_engaged",
        field="accounts_engaged",
        label=Message("Accounts engaged"),
        sentence=Message("Accounts that liked, commented, saved, shared or answered, as Instagram estimates them."),
    ),
    _daily(
        id="total_interactions",
        field="total_interactions",
        label=Message("Interactions"),
        sentence=Message("All interactions with what you posted, boosted posts included."),
    ),
    _daily(
        id="likes",
        field="likes",
        label=Message("Likes"),
        sentence=Message("Likes that your posts, reels and videos got."),
    ),
    _daily(
        id="comments",
        field="comments",
        label=Message("Comments"),
        sentence=Message("Comments that your posts, reels and videos got."),
    ),
    _daily(
        id="saves",
        field="saves",
        label=Message("Saves"),
        sentence=Message("Times that people saved something of yours."),
    ),
    _daily(
        id="shares",
        field="shares",
        label=Message("Shares"),
        sentence=Message("Times that people shared something of yours."),
    ),
    _daily(
        id="replies",
        field="replies",
        label=Message("Replies to stories"),
        sentence=Message("Answers to your stories, quick reactions included."),
    ),
    _daily(
        id="reposts",
        field="reposts",
        since=_REPOSTS_SINCE,
        label=Message("Reposts"),
        sentence=Message("Times that people reposted something of yours."),
    ),
    _daily(
        id="profile_links_taps",
        field="profile_links_taps",
        label=Message("Taps on the profile's buttons"),
        sentence=Message("Taps on address, call, e-mail and text buttons of your profile."),
    ),
    _daily(
        id="follows",
        field="follows_and_unfollows.FOLLOWER",
        group="follows",
        label=Message("Follows"),
        sentence=Message("Accounts that began to follow you, as Instagram counts them."),
    ),
    _daily(
        id="unfollows",
        field="follows_and_unfollows.NON_FOLLOWER",
        group="follows",
        label=Message("Unfollows"),
        sentence=Message("Accounts that unfollowed you or left Instagram, as Instagram counts them."),
    ),
    _daily(
        id="profile_views",
        field="profile_views",
        group="profile_views",
        label=Message("Visits of the profile"),
        sentence=Message("Times that your profile was opened; Instagram does not give it to every account."),
    ),
    _medium(
        id="media_reach",
        field="reach",
        label=Message("Reach of a post"),
        sentence=Message("Accounts that saw this post, reel or story, as Instagram estimates them."),
    ),
    _medium(
        id="media_views",
        field="views",
        label=Message("Views of a post"),
        sentence=Message("Times that this post, reel or story was shown or played."),
    ),
    _medium(
        id="media_interactions",
        field="total_interactions",
        label=Message("Interactions with a post"),
        sentence=Message("Likes, saves, comments and shares less those that were taken back."),
    ),
    _medium(
        id="media_shares",
        field="shares",
        label=Message("Shares of a post"),
        sentence=Message("Times that it was shared."),
    ),
    _medium(
        id="media_reposts",
        field="reposts",
        group="reposts",
        label=Message("Reposts of a post"),
        sentence=Message("Times that it was reposted."),
    ),
    _medium(
        id="media_likes",
        field="likes",
        label=Message("Likes of a post"),
        sentence=Message("Likes that it has now."),
    ),
    _medium(
        id="media_comments",
        field="comments",
        label=Message("Comments on a post"),
        sentence=Message("Comments that it has now."),
    ),
    _medium(
        id="media_saves",
        field="saved",
        label=Message("Saves of a post"),
        sentence=Message("Times that it was saved."),
    ),
    _medium(
        id="media_follows",
        field="follows",
        label=Message("Follows from a post"),
        sentence=Message("Accounts that followed you from it."),
    ),
    _medium(
        id="media_profile_visits",
        field="profile_visits",
        label=Message("Visits of the profile from a post"),
        sentence=Message("Times that your profile was opened from it."),
    ),
    _medium(
        id="media_profile_activity",
        field="profile_activity",
        group="profile_activity",
        label=Message("Taps on the profile after a post"),
        sentence=Message("Taps on the link and the buttons of your profile after it was seen, by kind."),
    ),
    _medium(
        id="story_replies",
        field="replies",
        label=Message("Replies to a story"),
        sentence=Message("Answers to it; always 0 for creators in Europe and Japan."),
    ),
    _medium(
        id="story_link_clicks",
        field="link_clicks",
        group="link_clicks",
        label=Message("Clicks on a story's link"),
        sentence=Message("Clicks on the link in it."),
    ),
    _medium(
        id="story_navigation",
        field="navigation",
        group="navigation",
        label=Message("Taps in a story"),
        sentence=Message("Taps forward and back, swipes and exits, by kind."),
    ),
    _medium(
        id="reel_average_watch_seconds",
        field="ig_reels_avg_watch_time",
        unit=Unit.SECONDS,
        label=Message("Average watch time of a reel"),
        sentence=Message("Seconds that the reel was played on average."),
    ),
    _medium(
        id="reel_watch_minutes",
        field="ig_reels_video_view_total_time",
        unit=Unit.MINUTES,
        label=Message("Watch time of a reel"),
        sentence=Message("Minutes that the reel was played, replays included."),
    ),
    _medium(
        id="reel_skip_percent",
        field="reels_skip_rate",
        unit=Unit.PERCENT,
        group="skip_rate",
        label=Message("Skipped"),
        sentence=Message("Part of the reel's plays that ended within three seconds; Instagram still works on it."),
    ),
    _medium(
        id="media_facebook_views",
        field="facebook_views",
        group="facebook_views",
        label=Message("Views on Facebook"),
        sentence=Message("Times that it was shown or played on Facebook, where it was shared to Facebook."),
    ),
    _medium(
        id="reel_crossposted_views",
        field="crossposted_views",
        group="crossposted_views",
        label=Message("Views on Instagram and Facebook"),
        sentence=Message("Plays of the reel on both, where it was shared to Facebook."),
    ),
    _audience(
        id="audience_followers",
        field="follower_demographics",
        group="followers",
        label=Message("Followers"),
        sentence=Message(
            "Followers as they are now, as far as Instagram knows; at most 45 parts, from 100 followers on."
        ),
    ),
    _audience(
        id="audience_engaged",
        field="engaged_audience_demographics",
        group="engaged",
        label=Message("Accounts engaged"),
        sentence=Message("Accounts that interacted within the last 30 days; at most 45 parts, from 100 accounts on."),
    ),
    _audience(
        id="audience_reached",
        field="reached_audience_demographics",
        group="reached",
        label=Message("Accounts reached"),
        sentence=Message("Accounts that saw something within the last 30 days; Instagram does not always give it."),
    ),
    _audience(
        id="audience_online",
        field="online_followers",
        group="online",
        label=Message("Followers online"),
        sentence=Message("Followers who were on Instagram, by hour of the day in Pacific time; from 100 followers on."),
    ),
)
