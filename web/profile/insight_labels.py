"""The words for past insights and for a data download's lists on the page."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from web.text.numbers import MINUS
from web.text.values import NOT_KNOWN, counted, number

_LISTS = {"follower": "Followers", "following": "Following"}

METRICS = {
    "reach": "Accounts reached",
    "impressions": "Impressions",
    "views": "Views",
    "plays": "Plays",
    "likes": "Likes",
    "comments": "Comments",
    "shares": "Shares",
    "saves": "Saves",
    "replies": "Replies",
    "follows": "Follows",
    "unfollows": "Unfollows",
    "profile_visits": "Profile visits",
    "website_taps": "Website taps",
    "email_taps": "E-mail taps",
    "call_taps": "Call taps",
    "text_taps": "Text message taps",
    "direction_taps": "Address taps",
    "profile_activity": "Profile activity",
    "content_interactions": "Content interactions",
    "post_interactions": "Post interactions",
    "reel_interactions": "Reel interactions",
    "story_interactions": "Story interactions",
    "video_interactions": "Video interactions",
    "live_video_interactions": "Live video interactions",
    "post_likes": "Likes of posts",
    "post_comments": "Comments on posts",
    "post_shares": "Shares of posts",
    "post_saves": "Saves of posts",
    "reel_likes": "Likes of reels",
    "reel_comments": "Comments on reels",
    "reel_shares": "Shares of reels",
    "reel_saves": "Saves of reels",
    "story_replies": "Replies to stories",
    "story_shares": "Shares of stories",
    "accounts_engaged": "Accounts engaged",
    "engaged_by_follow_type": "Accounts engaged by kind",
    "reach_followers": "Followers among accounts reached",
    "reach_non_followers": "Non-followers among accounts reached",
    "followers": "Followers",
    "non_followers": "Non-followers",
    "followers_change": "Change of followers",
    "followers_by_city": "Followers by town or city",
    "followers_by_country": "Followers by country",
    "followers_by_age": "Followers by age",
    "followers_by_age_men": "Men among followers by age",
    "followers_by_age_women": "Women among followers by age",
    "followers_men_percent": "Men among followers",
    "followers_women_percent": "Women among followers",
    "follower_activity": "Follower activity",
}
OTHER_LISTS = {
    "pending_follow_requests": "Requests to follow that are pending",
    "recent_follow_requests": "Recent requests to follow",
    "follow_requests_you've_received": "Requests to follow you",
    "blocked_profiles": "Blocked",
    "blocked_accounts": "Blocked",
    "close_friends": "Close friends",
    "restricted_profiles": "Restricted",
    "restricted_accounts": "Restricted",
    "removed_suggestions": "Removed suggestions",
    "hide_story_from": "Stories hidden from",
}


def list_changes(told: Mapping[str, Any]) -> str:
    """The changes of one list of a data download, such as "8 new, 3 left"; a first list is the baseline."""
    if not told.get("first"):
        return f"{number(told['gained'])} new, {number(told['lost'])} left"
    dated = told["people"] - told.get("undated", 0)
    days = f"; the day on which they came is known of {number(dated)}" if dated else ""
    return f"The first list: the next data download is compared with it, and tells who is new and who left{days}"


def finished(report: Mapping[str, Any]) -> list[str]:
    """The contents that a finished import read, a sentence for each kind, in the order of its page."""
    told = [
        f"{_LISTS.get(direction, direction)}: {counted(one['people'], 'person', 'people')}. {list_changes(one)}."
        for direction, one in report.get("lists", {}).items()
        if "people" in one
    ]
    if media := sum(report.get("media", {}).values()):
        told.append(f"Your own posts, reels and stories: {number(media)}.")
    if insights := report.get("insights"):
        told.append(f"Past insights: {counted(insights, 'figure')}.")
    return told


def metric_words(metric: str) -> str:
    """The metric in words; one with `_change_percent` is the change of another."""
    if metric.endswith("_change_percent"):
        return f"{metric_words(metric.removesuffix('_change_percent'))}, change to the period before"
    if metric not in METRICS and metric.endswith("_percent"):
        return metric_words(metric.removesuffix("_percent"))
    if metric.startswith("facebook_"):
        return f"{metric_words(metric.removeprefix('facebook_'))} on Facebook"
    return METRICS.get(metric, metric.replace("_", " ").capitalize())


def shown_figure(value: Decimal | None, *, plus: bool = False) -> str:
    """1200 -> "1,200", 30.6 -> "30.6", -4 -> "−4"; None -> "n/a". With `plus`, 30.6 -> "+30.6"."""
    if value is None:
        return NOT_KNOWN
    shown = f"{value.normalize():,f}".replace("-", MINUS)
    return f"+{shown}" if plus and value > 0 else shown
