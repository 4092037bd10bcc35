"""The words for past insights and for a data download's lists on the page."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.messages import Message, plural
from web.text.numbers import MINUS
from web.text.values import NOT_KNOWN, number
from web.translation import _, ngettext

_LISTS = {
    "follower": plural("Followers: %(num)s person.", "Followers: %(num)s people."),
    "following": plural("Following: %(num)s person.", "Following: %(num)s people."),
}

METRICS = {
    "reach": Message("Accounts reached"),
    "impressions": Message("Impressions"),
    "views": Message("Views"),
    "plays": Message("Plays"),
    "likes": Message("Likes"),
    "comments": Message("Comments"),
    "shares": Message("Shares"),
    "saves": Message("Saves"),
    "replies": Message("Replies"),
    "follows": Message("Follows"),
    "unfollows": Message("Unfollows"),
    "profile_visits": Message("Profile visits"),
    "website_taps": Message("Website taps"),
    "email_taps": Message("E-mail taps"),
    "call_taps": Message("Call taps"),
    "text_taps": Message("Text message taps"),
    "direction_taps": Message("Address taps"),
    "profile_activity": Message("Profile activity"),
    "content_interactions": Message("Content interactions"),
    "post_interactions": Message("Post interactions"),
    "reel_interactions": Message("Reel interactions"),
    "story_interactions": Message("Story interactions"),
    "video_interactions": Message("Video interactions"),
    "live_video_interactions": Message("Live video interactions"),
    "post_likes": Message("Likes of posts"),
    "post_comments": Message("Comments on posts"),
    "post_shares": Message("Shares of posts"),
    "post_saves": Message("Saves of posts"),
    "reel_likes": Message("Likes of reels"),
    "reel_comments": Message("Comments on reels"),
    "reel_shares": Message("Shares of reels"),
    "reel_saves": Message("Saves of reels"),
    "story_replies": Message("Replies to stories"),
    "story_shares": Message("Shares of stories"),
    "accounts_engaged": Message("Accounts engaged"),
    "engaged_by_follow_type": Message("Accounts engaged by kind"),
    "reach_followers": Message("Followers among accounts reached"),
    "reach_non_followers": Message("Non-followers among accounts reached"),
    "followers": Message("Followers"),
    "non_followers": Message("Non-followers"),
    "followers_change": Message("Change of followers"),
    "followers_by_city": Message("Followers by town or city"),
    "followers_by_country": Message("Followers by country"),
    "followers_by_age": Message("Followers by age"),
    "followers_by_age_men": Message("Men among followers by age"),
    "followers_by_age_women": Message("Women among followers by age"),
    "followers_men_percent": Message("Men among followers"),
    "followers_women_percent": Message("Women among followers"),
    "follower_activity": Message("Follower activity"),
}
OTHER_LISTS = {
    "pending_follow_requests": Message("Requests to follow that are pending"),
    "recent_follow_requests": Message("Recent requests to follow"),
    "follow_requests_you've_received": Message("Requests to follow you"),
    "blocked_profiles": Message("Blocked"),
    "blocked_accounts": Message("Blocked"),
    "close_friends": Message("Close friends"),
    "restricted_profiles": Message("Restricted"),
    "restricted_accounts": Message("Restricted"),
    "removed_suggestions": Message("Removed suggestions"),
    "hide_story_from": Message("Stories hidden from"),
}


def list_changes(changes: Mapping[str, Any]) -> str:
    """The changes of one list of a data download, such as "8 new, 3 left"; a first list is the baseline."""
    if not changes.get("first"):
        return _("%(gained)s new, %(lost)s left", gained=number(changes["gained"]), lost=number(changes["lost"]))
    dated = changes["people"] - changes.get("undated", 0)
    first = _("The first list. The next data download is compared with it and shows who is new and who left")
    return f"{first}; {_('%(number)s have a known start date', number=number(dated))}" if dated else first


def result_sentences(report: Mapping[str, Any]) -> list[str]:
    """The contents that a finished import read, a sentence for each kind, in the order of its page."""
    changes = [
        f"{ngettext(*_LISTS[direction], one['people'])} {list_changes(one)}."
        for direction, one in report.get("lists", {}).items()
        if "people" in one and direction in _LISTS
    ]
    if media := sum(report.get("media", {}).values()):
        changes.append(_("Your own posts, reels and stories: %(number)s.", number=number(media)))
    if insights := report.get("insights"):
        changes.append(ngettext("Past insights: %(num)s figure.", "Past insights: %(num)s figures.", insights))
    return changes


def metric_words(metric: str) -> str:
    """The metric in words; one with `_change_percent` is the change of another."""
    if metric.endswith("_change_percent"):
        name = metric_words(metric.removesuffix("_change_percent"))
        return _("%(metric)s, change from the period before", metric=name)
    if metric not in METRICS and metric.endswith("_percent"):
        return metric_words(metric.removesuffix("_percent"))
    if metric.startswith("facebook_"):
        return _("%(metric)s on Facebook", metric=metric_words(metric.removeprefix("facebook_")))
    return _(METRICS[metric]) if metric in METRICS else metric.replace("_", " ").capitalize()


def other_list(name: str) -> str:
    """The name of another list of a data download, as the platform's file calls it where it has no words here."""
    return _(OTHER_LISTS[name]) if name in OTHER_LISTS else name


def shown_figure(value: Decimal | None, *, plus: bool = False) -> str:
    """1200 -> "1,200", 30.6 -> "30.6", -4 -> "−4"; None -> "n/a". With `plus`, 30.6 -> "+30.6"."""
    if value is None:
        return _(NOT_KNOWN)
    shown = f"{value.normalize():,f}".replace("-", MINUS)
    return f"+{shown}" if plus and value > 0 else shown
