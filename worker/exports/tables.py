"""The rows and columns of each file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import LiteralString

from shared.domain.exports import What
from worker.exports.columns import Column, Kind, Table, moment, number, text, yes_no
from worker.exports.official_tables import OFFICIAL
from worker.exports.people_tables import PEOPLE

_PAST_INSIGHTS: tuple[tuple[LiteralString, str], ...] = (
    ("reach", "accounts that saw it"),
    ("impressions", "how often it was shown"),
    ("views", "views"),
    ("plays", "plays"),
    ("likes", "likes"),
    ("comments", "comments"),
    ("shares", "shares"),
    ("saves", "saves"),
    ("follows", "who began to follow from it"),
    ("profile_visits", "visits of the profile from it"),
)
_OFFICIAL: tuple[tuple[LiteralString, str], ...] = (
    ("reach", "accounts that saw it"),
    ("views", "how often it was shown or played"),
    ("interactions", "likes, comments, saves, shares and reposts, less those taken back"),
    ("likes", "likes"),
    ("comments", "comments"),
    ("saves", "saves"),
    ("shares", "shares"),
    ("reposts", "reposts"),
    ("follows", "who began to follow from it"),
    ("profile_visits", "visits of the profile from it"),
    ("facebook_views", "views on Facebook"),
)
_OFFICIAL_OF_REELS: tuple[tuple[LiteralString, str], ...] = (
    ("average_watch_seconds", "the average time that a reel was watched"),
    ("watch_minutes", "the time that a reel was watched in all"),
    ("skip_percent", "views of a reel that ended within seconds, per hundred"),
)
# Each figure comes from the way in that read it last.
_OFFICIAL_FIGURES: LiteralString = """ left join (
    select media_id, string_agg(distinct source, ' ') as source, max(captured_at) as at,
        max(value) filter (where metric = 'media_reach') as reach,
        max(value) filter (where metric = 'media_views') as views,
        max(value) filter (where metric = 'media_interactions') as interactions,
        max(value) filter (where metric = 'media_likes') as likes,
        max(value) filter (where metric = 'media_comments') as comments,
        max(value) filter (where metric = 'media_saves') as saves,
        max(value) filter (where metric = 'media_shares') as shares,
        max(value) filter (where metric = 'media_reposts') as reposts,
        max(value) filter (where metric = 'media_follows') as follows,
        max(value) filter (where metric = 'media_profile_visits') as profile_visits,
        max(value) filter (where metric = 'media_facebook_views') as facebook_views,
        max(value) filter (where metric = 'reel_average_watch_seconds') as average_watch_seconds,
        max(value) filter (where metric = 'reel_watch_minutes') as watch_minutes,
        max(value) filter (where metric = 'reel_skip_percent') as skip_percent
    from (
        select distinct on (media_id, metric) media_id, metric, source, value, captured_at from public.media_insights
        where user_id = %(user_id)s and profile_id = %(profile_id)s and part = ''
        order by media_id, metric, captured_at desc, source
    ) official
    group by media_id
) o on o.media_id = m.id"""
# Each figure comes from the newest data download that has it.
_MEDIA_AND_PAST: LiteralString = """public.media m left join (
    select media_id, max(captured_at) as at,
        max(value) filter (where metric = 'reach') as reach,
        max(value) filter (where metric = 'impressions') as impressions,
        max(value) filter (where metric = 'views') as views,
        max(value) filter (where metric = 'plays') as plays,
        max(value) filter (where metric = 'likes') as likes,
        max(value) filter (where metric = 'comments') as comments,
        max(value) filter (where metric = 'shares') as shares,
        max(value) filter (where metric = 'saves') as saves,
        max(value) filter (where metric = 'follows') as follows,
        max(value) filter (where metric = 'profile_visits') as profile_visits
    from (
        select distinct on (media_id, metric) media_id, metric, value, captured_at from public.insights
        where user_id = %(user_id)s and profile_id = %(profile_id)s and media_id is not null and breakdown is null
        order by media_id, metric, captured_at desc, ended_on desc nulls first
    ) newest
    group by media_id
) i on i.media_id = m.id"""


_NEWEST_SOURCE: LiteralString = """(select x.source from public.media_metrics x
    where x.user_id = %(user_id)s and x.media_id = m.id order by x.captured_at desc limit 1)"""


def _past(metric: LiteralString, means: str) -> Column:
    shown = f"{means}, as a data download states it; empty where none does"
    return number("past_" + metric, "i." + metric + "::bigint", shown)


def _official(figure: LiteralString, cast: LiteralString, means: str) -> Column:
    shown = f"{means}, by the platform's official API; empty where that gave none"
    return number("official_" + figure, "o." + figure + cast, shown)


_MEDIA = Table(
    (
        text("id", "m.platform_id", "the platform's id of the post or reel, as text", 22),
        text("code", "m.code", "the short code in its address"),
        text("kind", "m.kind", "image, carousel, video, reel or short", 10),
        text("permalink", "m.permalink", "its address", 42),
        text("caption", "m.caption", "the words under it", 60),
        text("hashtags", "array_to_string(m.hashtags, ' ')", "the tags in the caption, without #", 30),
        text("mentions", "array_to_string(m.mentions, ' ')", "the usernames mentioned in it, without @", 24),
        text("coauthors", "array_to_string(m.coauthors, ' ')", "the usernames it was posted together with", 20),
        text("published_by", "m.owner_username", "whose post it is; another account's where two published it", 20),
        moment("posted_at", "m.posted_at", "when it was posted"),
        text("gone", "m.gone_as", "deleted or archived, where that was looked up; else empty", 10),
        moment("gone_at", "m.gone_at", "the full sync that first missed it, or that found it in the archive"),
        number("likes", "m.likes", "empty where they are hidden"),
        number("comments", "m.comments", "as the platform shows them"),
        number("plays", "m.plays", "what the platform's pages call views of a video or reel"),
        number("views", "m.views", "the platform's stricter count of the same"),
        number("facebook_plays", "m.facebook_plays", "plays on the other network, where told apart"),
        number("engaged_views", "m.engaged_views", "views of people who went on watching, where told apart"),
        number("saves", "m.saves", "an official figure; empty while connected by browser only"),
        number("shares", "m.shares", "an official figure; empty while connected by browser only"),
        number("reach", "m.reach", "an official figure; empty while connected by browser only"),
        moment("metrics_at", "m.metrics_at", "when these figures were last seen"),
        text("source", _NEWEST_SOURCE, "the way in that showed them then, such as browser; empty before the first", 18),
        yes_no("counts_hidden", "m.counts_hidden", "whether the likes are hidden"),
        yes_no("pinned", "m.is_pinned", "whether it is pinned to the top of the profile"),
        yes_no("paid_partnership", "m.is_paid_partnership", "whether it is marked as paid"),
        number("duration_seconds", "m.duration_seconds", "the length of a video"),
        number("followers_at_post", "m.followers_at_post", "the last followers count read before it was posted"),
        text("engagement_formula", "m.er_formula", "the id of the formula that made the engagement", 22),
        number("engagement_numerator", "m.er_numerator", "interactions"),
        number("engagement_denominator", "m.er_denominator", "what they are held against"),
        number(
            "engagement_rate",
            "round(100.0 * m.er_numerator / nullif(m.er_denominator, 0), 4)::float8",
            "interactions for every hundred of the denominator",
        ),
        moment("first_seen_at", "m.first_seen_at", "the sync that first showed it"),
        moment("last_seen_at", "m.last_seen_at", "the last sync that showed it"),
        moment("past_insights_at", "i.at", "when Instagram made the newest data download that has it"),
        *(_past(metric, means) for metric, means in _PAST_INSIGHTS),
        text("official_source", "o.source", "the provider's way in that gave the official figures of it", 18),
        moment("official_at", "o.at", "when the newest of them was read"),
        *(_official(figure, "::bigint", means) for figure, means in _OFFICIAL),
        *(_official(figure, "::float8", means) for figure, means in _OFFICIAL_OF_REELS),
    ),
    _MEDIA_AND_PAST + _OFFICIAL_FIGURES,
    """m.user_id = %(user_id)s and m.profile_id = %(profile_id)s and m.kind <> 'story'
    and (%(start)s::timestamptz is null or m.posted_at >= %(start)s)""",
    "m.posted_at desc nulls last, m.id desc",
)
_COUNTED = "the platform's last count of the day; where only data downloads tell, how many people the list names"
_DAYS = Table(
    (
        Column("day", Kind.DAY, "d.day", "a day of the profile's time zone", 12),
        number("followers", "d.followers", _COUNTED),
        number("following", "d.following", _COUNTED),
        number("media", "d.media", "the last count of the day"),
        number("gained", "d.gained", "new followers; empty unless a complete list was compared that day"),
        number("lost", "d.lost", "people who left; empty unless a complete list was compared that day"),
        number("net", "d.gained - d.lost", "gained less lost"),
        number("returned", "d.returned", "those of gained who had followed before"),
        number("renamed", "d.renamed", "new usernames noticed"),
        number("posts", "d.posts", "posts and reels posted that day"),
        number("likes", "d.likes", "of these posts, at their newest counts"),
        number("comments", "d.comments", "of these posts, at their newest counts"),
        number("plays", "d.plays", "of these posts, at their newest counts"),
        number("engagement_numerator", "d.er_numerator", "interactions of the posts that have a rate"),
        number("engagement_denominator", "d.er_denominator", "what they are held against"),
        number(
            "engagement_rate",
            "round(100.0 * d.er_numerator / nullif(d.er_denominator, 0), 4)::float8",
            "interactions for every hundred of the denominator, of all these posts together",
        ),
        number("engagement_posts", "d.er_posts", "how many posts that is"),
        text("engagement_formulas", "array_to_string(d.er_formulas, ' ')", "the ids of the formulas", 22),
        number("whole_runs", "d.whole_runs", "complete follower lists that day"),
        number("partial_runs", "d.partial_runs", "follower lists that day that were not complete"),
        text("timezone", "d.timezone", "the time zone whose day it is", 18),
    ),
    "public.profile_days d",
    """d.user_id = %(user_id)s and d.profile_id = %(profile_id)s
    and (%(first_day)s::date is null or d.day >= %(first_day)s)
    and (%(last_day)s::date is null or d.day <= %(last_day)s)""",
    "d.day desc",
)

TABLES: Mapping[What, Table] = {**PEOPLE, What.MEDIA: _MEDIA, What.DAYS: _DAYS, **OFFICIAL}
