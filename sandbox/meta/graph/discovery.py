"""``business_discovery``: what a professional account may see of another one by its username."""

from collections.abc import Sequence

from sandbox.meta.people import Account, AccountKind, media_id
from sandbox.meta.site import site
from sandbox.world.posts import Post

from .answers import GraphError, Json
from .fields import Asked, Node, chosen, parse
from .media import media_node
from .paging import cursor, limit
from .profile import profile

_MEDIA = ("id", "caption", "like_count", "comments_count", "media_type", "media_product_type", "media_url")
_MORE_MEDIA = ("permalink", "timestamp", "username", "owner", "children")


def discovered(viewer: Account, asked: Asked) -> Json:
    """Return the named account, which must be a professional one, as the public sees it."""
    other = site().account(asked.modifiers.get("username", ""))
    if other is None or other.kind is AccountKind.PERSONAL:
        advice = f"The user with username: {asked.modifiers.get('username', '')} cannot be found."
        raise GraphError(110, "Invalid user id", 2207013, title="Cannot find User", advice=advice)
    node: Node = {"id": other.id, **profile(other), "media": lambda below: _media(other, below)}
    return chosen("IGUser", node, asked.below or parse("id"))


def _media(account: Account, asked: Asked) -> Json:
    """Return a page of posts; it has a cursor and never an address."""
    posts = list(reversed(account.world.posts))
    start = _start(posts, asked.modifiers.get("after"))
    shown = posts[start : start + limit(asked.modifiers.get("limit"))]
    rows = [chosen("IGMedia", _public(account, post), asked.below or parse("id")) for post in shown]
    more = start + len(shown) < len(posts)
    paging = {"paging": {"cursors": {"after": cursor(media_id(shown[-1].pk))}}} if shown and more else {}
    return {"data": rows, **paging}


def _public(account: Account, post: Post) -> Node:
    node = media_node(account, post)
    return {name: node[name] for name in (*_MEDIA, *_MORE_MEDIA)}


def _start(posts: Sequence[Post], after: str | None) -> int:
    keys = [cursor(media_id(post.pk)) for post in posts]
    return keys.index(after) + 1 if after in keys else 0
