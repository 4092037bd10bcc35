"""Posts and stories as nodes, and the list of an account's posts."""

from flask import request

from sandbox.meta.faults import FaultKind, Where
from sandbox.meta.hosts import Host
from sandbox.meta.people import Account, media_id
from sandbox.meta.site import host, number_of, site
from sandbox.world.posts import Kind, Post
from sandbox.world.stories import Story

from .answers import Json, time_text
from .fields import ABSENT, Asked, Node, asked_fields, chosen, parse
from .paging import limit, page

_TYPES = {Kind.IMAGE: "IMAGE", Kind.CAROUSEL: "CAROUSEL_ALBUM", Kind.REEL: "VIDEO"}


def media_node(account: Account, piece: Post | Story) -> Node:
    """Return a piece with every field that its host knows."""
    node: dict[str, object] = {
        "id": media_id(piece.pk),
        "timestamp": time_text(piece.taken_at),
        "shortcode": piece.code,
        "permalink": _permalink(account, piece),
        "media_url": f"{request.host_url}_pictures/{number_of(str(piece.pk))}.png",
        "is_comment_enabled": True,
        "alt_text": ABSENT,
    }
    if host() is Host.FACEBOOK:
        node["ig_id"] = str(piece.pk)
    return node | (_story(account, piece) if isinstance(piece, Story) else _post(account, piece))


def media_page(account: Account) -> Json:
    """Return a page of an account's posts, newest first."""
    posts = list(reversed(account.world.posts))
    shown, paging = page(posts, [media_id(post.pk) for post in posts])
    fields = asked_fields()
    rows = [chosen("IGMedia", media_node(account, post), fields) for post in shown]
    return {"data": rows, **paging}


def media_below(account: Account, asked: Asked) -> Json:
    """Return the newest posts as a field of the account."""
    posts = list(reversed(account.world.posts))[: limit(asked.modifiers.get("limit"))]
    return {"data": [chosen("IGMedia", media_node(account, post), asked.below or parse("id")) for post in posts]}


def stories(account: Account) -> Json:
    """Return the stories that are live, newest first."""
    fields, world = asked_fields(), account.world
    live = [story for story in reversed(world.stage.stories) if story.is_live(world.now)]
    if site().faults.take(FaultKind.SHORT_LIST, Where.MEDIA):
        live = live[1:]
    return {"data": [chosen("IGMedia", media_node(account, story), fields) for story in live]}


def children(account: Account, piece: Post | Story) -> Json:
    """Return the parts of a carousel; other pieces have none."""
    return {"data": [chosen("IGMedia", part, asked_fields()) for part in _parts(account, piece)]}


def _post(account: Account, post: Post) -> Json:
    done, owner = post.engagement(account.world.now), post.owner or account.world.account
    return {
        "caption": ABSENT if post.caption is None else post.caption,
        "media_type": _TYPES[post.kind],
        "media_product_type": "REELS" if post.kind is Kind.REEL else "FEED",
        "username": owner.username,
        "owner": {"id": account.id} if post.owner is None else ABSENT,
        "like_count": ABSENT if post.hides_counts else done.likes,
        "comments_count": done.comments,
        "is_shared_to_feed": post.in_grid if post.kind is Kind.REEL else ABSENT,
        "thumbnail_url": _thumbnail(post.pk) if post.kind is Kind.REEL else ABSENT,
        "children": lambda asked: _children_below(account, post, asked),
    }


def _story(account: Account, story: Story) -> Json:
    return {
        "caption": ABSENT,
        "media_type": "VIDEO" if story.is_video else "IMAGE",
        "media_product_type": "STORY",
        "username": account.username,
        "owner": {"id": account.id},
        "like_count": sum(story.viewers.values()),
        "comments_count": 0,
        "is_shared_to_feed": ABSENT,
        "thumbnail_url": _thumbnail(story.pk) if story.is_video else ABSENT,
        "children": ABSENT,
    }


def _children_below(account: Account, post: Post, asked: Asked) -> object:
    parts = _parts(account, post)
    return {"data": [chosen("IGMedia", part, asked.below) for part in parts]} if parts else ABSENT


def _parts(account: Account, piece: Post | Story) -> list[Node]:
    if isinstance(piece, Story) or piece.kind is not Kind.CAROUSEL:
        return []
    whole = media_node(account, piece)
    mine = {
        "media_type": "IMAGE",
        **{name: whole[name] for name in ("timestamp", "username", "shortcode", "permalink", "thumbnail_url")},
    }
    return [
        {**mine, "id": media_id(piece.pk + part), "media_url": _thumbnail(piece.pk + part)}
        for part in range(1, piece.parts + 1)
    ]


def _permalink(account: Account, piece: Post | Story) -> str:
    if isinstance(piece, Story):
        return f"https://www.instagram.com/stories/{account.username}/{piece.pk}"
    return f"https://www.instagram.com/{'reel' if piece.kind is Kind.REEL else 'p'}/{piece.code}/"


def _thumbnail(pk: int) -> str:
    return f"{request.host_url}_pictures/{number_of(str(pk))}.png"
