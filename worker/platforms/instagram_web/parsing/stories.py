"""Parses stories, their viewers, and a post's likers, in every form. Pure: JSON in, values out.

Forms: REST (`reels_media` and `reels`; `users` or `viewers`), XDT GraphQL, and the legacy GraphQL nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from shared.domain.social import Likers, Media, MediaKind, MediaPage, PlatformId, Viewer, ViewersPage
from worker.platforms.instagram_web.parsing.json_node import Node, cursor, end_cursor, missing, nodes_of, root_of
from worker.platforms.instagram_web.parsing.media import medium
from worker.platforms.instagram_web.parsing.person import person

Json = dict[str, object]
_REELS = "xdt_api__v1__feed__reels_media"
_LEGACY_VIEWERS = "edge_story_media_viewers"
_TOTALS = ("total_viewer_count", "user_count", "viewer_count")


def stories(body: Json, owner: PlatformId | None = None) -> MediaPage:
    """The live stories of `owner`, or of all accounts in the answer, as the only page; empty without any.

    `metrics.views` is the number of a story's viewers, where it is shown. Raises UnexpectedAnswer where the answer
    holds neither form of the list, or a story has no id.
    """
    found: dict[PlatformId, Media] = {}
    for reel in _reels(root_of(body)):
        whose = _owner_of(reel)
        if owner is None or whose in (None, owner):
            for item in reel.children("items"):
                story = _story(item, whose)
                found.setdefault(story.platform_id, story)
    return MediaPage(tuple(found.values()), None)


def story_viewers(body: Json) -> ViewersPage:
    """One page of a story's viewers. An empty answer may lack the list, but then it must hold its count.

    Raises UnexpectedAnswer naming the path without either, or where a row has no id or name.
    """
    root = root_of(body)
    name = next((name for name in ("users", "viewers") if root.has_list(name)), None)
    total = root.count(*_TOTALS)
    if name is not None:
        rows = tuple(_viewer(row) for row in root.children(name))
        return ViewersPage(rows, cursor(root.value("next_max_id")), total)
    connection = _viewers_connection(root)
    if connection is not None:
        rows = tuple(_viewer(row) for row in nodes_of(connection))
        return ViewersPage(rows, end_cursor(connection), connection.count("count", *_TOTALS))
    if not any(name in root.fields for name in _TOTALS):
        raise missing("users")
    return ViewersPage((), None, total)


def likers(body: Json) -> Likers:
    """The likers of a post, as far as the platform shows them; it shows no more than one page (IG-7.13).

    Raises UnexpectedAnswer naming the path without a list, or where a row has no id or name.
    """
    root = root_of(body)
    if root.has_list("users"):
        return Likers(tuple(person(row) for row in root.children("users")), root.count("user_count"))
    around = root.child("data") or Node({})
    media = around.child("shortcode_media") or around.child("xdt_shortcode_media") or around
    connection = media.child("edge_liked_by")
    if connection is None or not connection.has_list("edges"):
        raise missing("users")
    return Likers(tuple(person(row) for row in nodes_of(connection)), connection.count("count"))


def _reels(root: Node) -> Iterator[Node]:
    around = root.child("data") or root
    around = around.child(_REELS) or around
    connection = around.child(f"{_REELS}__connection")
    by_owner = around.child("reels")
    if connection is not None and connection.has_list("edges"):
        return nodes_of(connection)
    if around.has_list("reels_media"):
        return around.children("reels_media")
    if by_owner is not None:
        return (reel for name in by_owner.fields if (reel := by_owner.child(name)) is not None)
    if around.fields.get("reels_media", around) is None or around.fields.get("reels", around) is None:
        return iter(())
    raise missing(around.at("reels_media"))


def _owner_of(reel: Node) -> PlatformId | None:
    user = reel.child("user") or reel.child("owner")
    owner_id = user.id("pk_id", "pk", "id") if user else None
    return owner_id or reel.id("id")


def _story(item: Node, whose: PlatformId | None) -> Media:
    shown = medium(item, whose)
    seen = item.child(_LEGACY_VIEWERS)
    views = item.count("total_viewer_count", "viewer_count") if seen is None else seen.count("count")
    metrics = replace(shown.metrics, views=views)
    owner = shown.owner_platform_id or whose
    return replace(shown, kind=MediaKind.STORY, permalink=None, owner_platform_id=owner, metrics=metrics)


def _viewer(row: Node) -> Viewer:
    return Viewer(person(row.child("user") or row), row.flag("has_liked"))


def _viewers_connection(root: Node) -> Node | None:
    """The GraphQL connection: legacy under the medium, XDT under a name that holds the word."""
    data = root.child("data")
    if data is None:
        return None
    legacy = (data.child("media") or data).child(_LEGACY_VIEWERS)
    named = (data.child(name) for name in data.fields if "viewer" in name)
    found = (connection for connection in (legacy, *named) if connection is not None)
    return next((connection for connection in found if connection.has_list("edges")), None)
