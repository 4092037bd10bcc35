"""Parses posts and reels in every form of Instagram's web. Pure: JSON in, values of the domain out.

Forms: REST (`items`, the reels tab's behind `media`), XDT GraphQL, and the legacy GraphQL nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

from shared.domain.captions import hashtags, mentions
from shared.domain.social import Media, MediaKind, MediaMetrics, MediaPage, PlatformId
from shared.errors import ListNotVisible, MediaGone
from worker.platforms.instagram_web.parsing.json_node import Node, cursor, end_cursor, missing, nodes_of, root_of

Json = dict[str, object]
_POSTS = "xdt_api__v1__feed__user_timeline_graphql_connection"
_REELS = "xdt_api__v1__clips__user__connection_v2"
_LEGACY, _LEGACY_REELS = "edge_owner_to_timeline_media", "edge_felix_video_timeline"
_ONE = ("xdt_shortcode_media", "shortcode_media")
_ITEMS = "xdt_api__v1__media__shortcode__web_info"
_SITE = "https://www.instagram.com"
# The value of like_count where the owner hides it (docs/platforms/instagram.md, IG-7.6).
_HIDDEN_LIKES = 3
_VIDEO, _CAROUSEL = 2, 8


def media_page(body: Json, owner: PlatformId | None = None) -> MediaPage:
    """One page of `owner`'s posts tab. Raises ListNotVisible on a null connection, UnexpectedAnswer on a missing id."""
    root = root_of(body)
    if root.has_list("items"):
        further = cursor(root.value("next_max_id")) if root.flag("more_available") is not False else None
        whose = owner or _named_owner(root)
        return MediaPage(tuple(medium(item, whose, in_grid=True) for item in root.children("items")), further)
    connection = _connection(root, _POSTS, _LEGACY)
    return MediaPage(tuple(medium(node, owner, in_grid=True) for node in nodes_of(connection)), end_cursor(connection))


def clips_page(body: Json, owner: PlatformId | None = None) -> MediaPage:
    """One page of `owner`'s reels tab; raises as `media_page` does. Whether a reel is in the grid may be unknown."""
    root = root_of(body)
    if root.has_list("items"):
        paging = root.child("paging_info") or Node({})
        further = cursor(paging.value("max_id")) if paging.flag("more_available") is not False else None
        return MediaPage(tuple(medium(reel, owner) for reel in _reels(root.children("items"))), further)
    connection = _connection(root, _REELS, _LEGACY_REELS)
    return MediaPage(tuple(medium(reel, owner) for reel in _reels(nodes_of(connection))), end_cursor(connection))


def media_info(body: Json, owner: PlatformId | None = None) -> Media:
    """The requested medium. Raises MediaGone where there is none, UnexpectedAnswer without an id."""
    root = root_of(body)
    around = root.child("data") or root.child("graphql") or root
    items = around.child(_ITEMS) or around
    if items.has_list("items"):
        found = next(items.children("items"), None)
        if found is None:
            raise MediaGone
        return medium(found, owner)
    name = next((name for name in _ONE if name in around.fields), None)
    if name is None:
        raise missing("items")
    one = around.child(name)
    if one is None:
        raise MediaGone
    return medium(one, owner)


def _reels(items: Iterator[Node]) -> Iterator[Node]:
    """The reels themselves: behind `media`, or, in the oldest form, where they have an id of their own."""
    for item in items:
        reel = item.child("media") or (item if item.id("pk", "id") else None)
        if reel is None:
            raise missing(item.at("media"))
        yield reel


def _connection(root: Node, key: str, legacy: str) -> Node:
    data = root.child("data") or root.child("graphql")
    if data is None:
        raise missing("items")
    around, name = (data, key) if key in data.fields else (data.child("user") or data, legacy)
    if name not in around.fields:
        raise missing("items")
    connection = around.child(name)
    if connection is None:
        raise ListNotVisible
    if not connection.has_list("edges"):
        raise missing(connection.at("edges"))
    return connection


def _named_owner(root: Node) -> PlatformId | None:
    user = root.child("user")
    return user.id("pk_id", "pk", "id") if user else None


def medium(node: Node, owner: PlatformId | None = None, in_grid: bool | None = None) -> Media:
    """One medium. `owner` names the account whose pins count; without it, those of the publisher do."""
    kind, code, caption = _kind(node), node.text("code", "shortcode"), _caption(node)
    author = node.child("user") or node.child("owner") or Node({})
    return Media(
        platform_id=_id(node),
        kind=kind,
        code=code,
        permalink=_permalink(kind, code),
        caption=caption,
        hashtags=hashtags(caption),
        mentions=mentions(caption),
        coauthors=tuple(name for who in node.children("coauthor_producers") if (name := who.text("username"))),
        owner_platform_id=author.id("pk_id", "pk", "id"),
        owner_username=author.text("username"),
        posted_at=node.moment("taken_at", "taken_at_timestamp"),
        expires_at=node.moment("expiring_at", "expiring_at_timestamp"),
        duration_seconds=node.number("video_duration"),
        is_pinned=_is_pinned(node, {owner} if owner else _authors(node, author)),
        in_grid=in_grid if in_grid is not None else node.flag("is_in_profile_grid"),
        is_paid_partnership=node.flag("is_paid_partnership"),
        counts_hidden=_counts_hidden(node),
        metrics=_metrics(node),
    )


def _authors(node: Node, author: Node) -> set[PlatformId]:
    authors = (who.id("pk_id", "pk", "id") for who in (author, *node.children("coauthor_producers")))
    return {who for who in authors if who}


def _id(node: Node) -> PlatformId:
    """The media's own id: `pk`, or the part before the owner in `{pk}_{ownerpk}`."""
    return PlatformId(node.need_id("pk", "id").partition("_")[0])


def _kind(node: Node) -> MediaKind:
    product, number, name = node.text("product_type"), node.count("media_type"), node.text("__typename") or ""
    if product == "story":
        return MediaKind.STORY
    if product == "clips":
        return MediaKind.REEL
    if number == _CAROUSEL or name.endswith("Sidecar") or node.has_list("carousel_media"):
        return MediaKind.CAROUSEL
    if number == _VIDEO or name.endswith("Video") or node.has_list("video_versions"):
        return MediaKind.VIDEO
    return MediaKind.IMAGE


def _permalink(kind: MediaKind, code: str | None) -> str | None:
    if code is None or kind is MediaKind.STORY:
        return None
    return f"{_SITE}/{'reel' if kind is MediaKind.REEL else 'p'}/{code}/"


def _caption(node: Node) -> str | None:
    caption = node.child("caption")
    if caption is not None:
        return caption.text("text")
    captions = node.child("edge_media_to_caption")
    return next((first.text("text") for first in nodes_of(captions)), None) if captions else None


def _is_pinned(node: Node, whose: set[PlatformId]) -> bool:
    pins = [node.value(key) for key in ("timeline_pinned_user_ids", "clips_tab_pinned_user_ids")]
    named = {str(pin) for listed in pins if isinstance(listed, list) for pin in listed if isinstance(pin, str | int)}
    named |= {str(pin.id("id", "pk")) for pin in node.children("pinned_for_users")}
    return not named.isdisjoint(whose)


def _metrics(node: Node) -> MediaMetrics:
    plays = node.count("play_count", "ig_play_count", "video_play_count")
    return MediaMetrics(
        likes=_likes(node),
        comments=_edge_count(node, "comment_count", "edge_media_to_comment", "edge_media_to_parent_comment"),
        plays=plays,
        facebook_plays=_facebook_plays(node, plays),
        views=node.count("view_count", "video_view_count"),
    )


def _counts_hidden(node: Node) -> bool:
    return node.flag("like_and_view_counts_disabled") is True or node.value("like_count") == -1


def _likes(node: Node) -> int | None:
    likes = _edge_count(node, "like_count", "edge_media_preview_like", "edge_liked_by")
    return None if _counts_hidden(node) and likes == _HIDDEN_LIKES else likes


def _facebook_plays(node: Node, plays: int | None) -> int | None:
    """Facebook's plays: a number of their own, or the total less Instagram's own plays."""
    facebook, own = node.count("fb_play_count"), node.count("ig_play_count")
    if facebook is not None or plays is None or own is None or plays <= own:
        return facebook
    return plays - own


def _edge_count(node: Node, plain: str, *edges: str) -> int | None:
    count = node.count(plain)
    for edge in edges:
        counted = node.child(edge)
        if count is None and counted is not None:
            count = counted.count("count")
    return count
