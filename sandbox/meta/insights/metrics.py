"""The metrics that exist, and what each can be asked for; everything else is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.meta.hosts import Host

TOTAL, SERIES = "total_value", "time_series"
PRODUCT, FOLLOW, BUTTON = "media_product_type", "follow_type", "contact_button_type"
DIMENSIONS = frozenset({"age", "city", "country", "gender"})
_DAY, _EVER = frozenset({"day"}), frozenset({"lifetime"})


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of an account."""

    title: str
    breakdowns: frozenset[str] = frozenset()
    periods: frozenset[str] = _DAY
    types: frozenset[str] = frozenset({TOTAL})
    needs_breakdown: bool = False
    least: int = 0
    """The number of followers below which it is not returned."""


def _daily(title: str, *breakdowns: str) -> Metric:
    return Metric(title, frozenset(breakdowns))


def _people(title: str) -> Metric:
    return Metric(title, DIMENSIONS, _EVER, needs_breakdown=True)


ACCOUNT: Mapping[str, Metric] = {
    "accounts_engaged": _daily("Accounts engaged"),
    "comments": _daily("Comments", PRODUCT),
    "likes": _daily("Likes", PRODUCT),
    "shares": _daily("Shares", PRODUCT),
    "saves": _daily("Saves", PRODUCT),
    "replies": _daily("Replies"),
    "reposts": _daily("Reposts"),
    "total_interactions": _daily("Content interactions", PRODUCT),
    "views": _daily("Views", PRODUCT, FOLLOW),
    "reach": Metric(
        "Accounts reached",
        frozenset({PRODUCT, FOLLOW}),
        frozenset({"day", "week", "days_28"}),
        frozenset({TOTAL, SERIES}),
    ),
    "follows_and_unfollows": Metric("Follows and unfollows", frozenset({FOLLOW}), needs_breakdown=True, least=100),
    "profile_links_taps": _daily("Profile links taps", BUTTON),
    "profile_views": _daily("Profile views"),
    "follower_demographics": _people("Follower demographics"),
    "engaged_audience_demographics": _people("Engaged audience demographics"),
    "reached_audience_demographics": _people("Reached audience demographics"),
    "follower_count": Metric("Follower Count", types=frozenset({SERIES}), least=100),
    "online_followers": Metric("Online Followers", periods=_EVER, types=frozenset({SERIES}), least=100),
}
TIMEFRAMES = {"this_week": 7, "this_month": 30}
_EVERY = frozenset({"reach", "views", "total_interactions", "shares", "reposts"})
_POSTED = _EVERY | {"likes", "comments", "saved"}
_LEADS_ON = frozenset({"follows", "profile_visits", "profile_activity"})
_PLAYED = frozenset({"ig_reels_avg_watch_time", "ig_reels_video_view_total_time", "reels_skip_rate"})
ON_FACEBOOK = frozenset({"crossposted_views", "facebook_views"})
"""Metrics of pieces that were shown on Facebook too."""
_WITH_ADS = frozenset({"total_likes", "total_comments", "total_views"})
MEDIA: Mapping[str, frozenset[str]] = {
    "FEED": _POSTED | _LEADS_ON | {"facebook_views"},
    "REELS": _POSTED | _PLAYED | ON_FACEBOOK,
    "STORY": _EVERY | _LEADS_ON | {"replies", "link_clicks", "navigation", "facebook_views"},
}
BROKEN_DOWN = {"profile_activity": "action_type", "navigation": "story_navigation_action_type"}
"""Metrics of media with the only breakdown that each has."""
FADED = frozenset({"exits", "taps_forward", "taps_back"})
"""Removed names that are answered with nothing instead of an error."""


def of_media(product: str, host: Host) -> frozenset[str]:
    """Return the metrics of a product; those that include ads are Facebook's host's only."""
    ads = frozenset() if host is Host.INSTAGRAM else _WITH_ADS if product != "STORY" else frozenset({"total_views"})
    return MEDIA[product] | ads
