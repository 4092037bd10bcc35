"""``/insights`` of a post or a story: what its product has, all of it so far."""

from collections.abc import Callable, Mapping

from flask import request

from sandbox.meta.apps import INSIGHTS, PAGE_INSIGHTS
from sandbox.meta.faults import FaultKind, Where
from sandbox.meta.graph.answers import Json, bad, no_permission, unknown
from sandbox.meta.graph.refusals import before_business, not_enough_viewers, not_on_facebook
from sandbox.meta.hosts import Host
from sandbox.meta.oauth.grants import Token
from sandbox.meta.people import Account, AccountKind, media_id
from sandbox.meta.site import host, site
from sandbox.world.insights.figures import Figures
from sandbox.world.insights.pieces import fate_of, is_on_facebook, of_post, of_story, steps_of
from sandbox.world.posts import Kind, Post
from sandbox.world.stories import Story

from .metrics import BROKEN_DOWN, FADED, ON_FACEBOOK, of_media

Number = int | float
_FEWEST_VIEWERS = 5
_VALUES: Mapping[str, Callable[[Figures], Number]] = {
    "reach": lambda figures: figures.reach,
    "views": lambda figures: figures.views,
    "total_views": lambda figures: figures.views,
    "likes": lambda figures: figures.likes,
    "total_likes": lambda figures: figures.likes,
    "comments": lambda figures: figures.comments,
    "total_comments": lambda figures: figures.comments,
    "saved": lambda figures: figures.saves,
    "shares": lambda figures: figures.shares,
    "reposts": lambda figures: figures.reposts,
    "replies": lambda figures: figures.replies,
    "total_interactions": lambda figures: figures.interactions,
    "follows": lambda figures: figures.follows,
    "profile_visits": lambda figures: figures.visits,
    "profile_activity": lambda figures: figures.taps,
    "link_clicks": lambda figures: figures.taps // 2,
    "navigation": lambda figures: figures.views,
    "ig_reels_video_view_total_time": lambda figures: figures.watched,
    "ig_reels_avg_watch_time": lambda figures: figures.watched // max(figures.views, 1),
    "crossposted_views": lambda figures: figures.views + figures.views // 5,
    "facebook_views": lambda figures: figures.views // 5,
}


def media_insights(token: Token, account: Account, piece: Post | Story) -> Json:
    """Return the figures; one metric that the piece does not have fails them all."""
    if account.kind is AccountKind.PERSONAL:
        raise no_permission()
    if account.professional_since is not None and piece.taken_at < account.professional_since:
        raise before_business()
    names, breakdown = _names(product_of(piece)), request.args.get("breakdown")
    if breakdown and any(BROKEN_DOWN.get(name) != breakdown for name in names):
        raise unknown()
    for name in names:
        if name in ON_FACEBOOK and not is_on_facebook(piece.pk):
            raise not_on_facebook(name)
    if isinstance(piece, Story) and len(piece.viewers) < _FEWEST_VIEWERS:
        raise not_enough_viewers()
    allowed = (INSIGHTS if host() is Host.INSTAGRAM else PAGE_INSIGHTS) in token.grant.scopes
    shown = [name for name in names if allowed and name not in FADED and not _is_empty(name)]
    return {"data": [_row(account, piece, name, breakdown) for name in shown]}


def product_of(piece: Post | Story) -> str:
    """Return the product of a piece under the API's name."""
    if isinstance(piece, Story):
        return "STORY"
    return "REELS" if piece.kind is Kind.REEL else "FEED"


def _row(account: Account, piece: Post | Story, name: str, breakdown: str | None) -> Json:
    identity = f"{media_id(piece.pk)}/insights/{name}/lifetime"
    title = name.replace("_", " ").capitalize()
    about: Json = {"name": name, "period": "lifetime", "title": title, "description": title, "id": identity}
    value = _value(account, piece, name)
    if not breakdown:
        return {**about, "values": [{"value": value}]}
    rows = [{"dimension_values": [key], "value": count} for key, count in _parts(piece, name, int(value)).items()]
    parts = [{"dimension_keys": [breakdown], "results": rows}]
    return {**about, "total_value": {"value": value, "breakdowns": parts}}


def _value(account: Account, piece: Post | Story, name: str) -> Number:
    if name == "reels_skip_rate":
        return fate_of(piece.pk).skipped
    figures = of_story(piece) if isinstance(piece, Story) else of_post(piece, account.world.now)
    return _VALUES[name](figures)


def _parts(piece: Post | Story, name: str, value: int) -> dict[str, int]:
    """Return a value by what people did; the samples write it in lower case."""
    if name == "navigation":
        return steps_of(piece) if isinstance(piece, Story) else {}
    links = value * 3 // 4
    return {step: count for step, count in {"bio_link_clicked": links, "email": value - links}.items() if count}


def _names(product: str) -> tuple[str, ...]:
    names = tuple(filter(None, request.args.get("metric", "").split(",")))
    if not names:
        raise bad("The parameter metric is required.")
    if request.args.get("period", "lifetime") != "lifetime":
        raise bad("The period of the insights of media is lifetime")
    known = of_media(product, host())
    for at, name in enumerate(names):
        retired = site().faults.take(FaultKind.METRIC_RETIRED, Where.MEDIA_INSIGHTS, name)
        if retired or (name not in FADED and not any(name in of_media(one, host()) for one in _PRODUCTS)):
            raise bad(f"metric[{at}] must be one of the following values: {', '.join(sorted(known))}")
        if name not in FADED and name not in known:
            raise bad(f"The Media Insights API does not support the {name} metric for this media product type.")
    return names


_PRODUCTS = ("FEED", "REELS", "STORY")


def _is_empty(name: str) -> bool:
    return site().faults.take(FaultKind.METRIC_EMPTY, Where.MEDIA_INSIGHTS, name) is not None
