"""The posts tab and the reels tab: two sets that overlap, each with its own paging and its own gaps."""

import base64
import binascii

from flask import Blueprint, Response, request

from sandbox.instagram.answers import SHELL, Json, base_url, fail, html, refuse, reply
from sandbox.instagram.faults import FaultKind, Where
from sandbox.instagram.guard import check_json_call
from sandbox.instagram.lists.list_page import person_json
from sandbox.instagram.site import site
from sandbox.world.posts import Kind, Post
from sandbox.world.world import World

from .pictures import post_picture

blueprint = Blueprint("media", __name__, url_prefix="/api/v1")
blueprint.before_request(check_json_call)

_FEED_PAGE, _CLIPS_PAGE = (12, 33), (12, 50)
_HIDDEN_LIKES = 3
_MEDIA_TYPE = {Kind.IMAGE: 1, Kind.REEL: 2, Kind.CAROUSEL: 8}
_PRODUCT_TYPE = {Kind.IMAGE: "feed", Kind.REEL: "clips", Kind.CAROUSEL: "carousel_container"}


@blueprint.get("/feed/user/<int:pk>/")
def feed(pk: int) -> Response:
    """Return 12 to 33 pieces of the grid: the pinned ones first, then the newest; plays are not among the figures."""
    world = _own_world(pk)
    grid = sorted((post for post in world.posts if post.in_grid), key=lambda post: (post.pinned, post.pk), reverse=True)
    size = _clamp(request.args.get("count", default=12, type=int), _FEED_PAGE)
    if site().faults.take(FaultKind.MEDIA_HTML, Where.JSON):
        return html(SHELL)
    return reply(page_of(world, grid, request.args.get("max_id", ""), size))


@blueprint.post("/clips/user/")
def clips() -> Response:
    """Return 12 to 50 reels, those pinned in the tab first, with views and plays; some of them are not in the grid."""
    world = _own_world(request.form.get("target_user_id", default=0, type=int))
    reels = [post for post in world.posts if post.kind is Kind.REEL]
    reels.sort(key=lambda post: (post.pinned_in_reels, post.pk), reverse=True)
    size = _clamp(request.form.get("page_size", default=12, type=int), _CLIPS_PAGE)
    start = _start_of(reels, _clips_cursor(request.form.get("max_id", "")))
    shown, more = reels[start : start + size], start + size < len(reels)
    cursor = base64.b64encode(f"AQC|{shown[-1].pk}".encode()).decode() if more else ""
    form = _likes_form()
    items = [{"media": {**media_json(world, post, form), **_plays(world, post)}} for post in shown]
    return reply({"items": items, "paging_info": {"max_id": cursor, "more_available": more}, "status": "ok"})


def page_of(world: World, posts: list[Post], cursor: str, size: int) -> Json:
    """Return the page of ``posts`` behind the piece that ``cursor`` names, as a feed writes it."""
    start, form = _start_of(posts, _media_cursor(cursor)), _likes_form()
    shown, more = posts[start : start + size], start + size < len(posts)
    body: Json = {
        "items": [media_json(world, post, form) for post in shown],
        "num_results": len(shown),
        "more_available": more,
        "auto_load_more_enabled": True,
        "user": person_json(world.account),
        "status": "ok",
    }
    return {**body, "next_max_id": f"{shown[-1].pk}_{world.account.pk}"} if more else body


def media_json(world: World, post: Post, likes_form: str = "") -> Json:
    """Return a piece as the grid shows it; ``likes_form`` says which of its forms a hidden like count has."""
    done, owner, taken_at = post.engagement(world.now), post.owner or world.account, int(post.taken_at.timestamp())
    body: Json = {
        "taken_at": taken_at,
        "pk": str(post.pk),
        "id": f"{post.pk}_{owner.pk}",
        "device_timestamp": taken_at * 1_000_000 + post.pk % 1_000_000,
        "media_type": _MEDIA_TYPE[post.kind],
        "product_type": _PRODUCT_TYPE[post.kind],
        "code": post.code,
        "client_cache_key": base64.b64encode(str(post.pk).encode()).decode(),
        "user": person_json(owner),
        "caption": _caption(world, post),
        "caption_is_edited": False,
        "like_and_view_counts_disabled": post.hides_counts,
        **_likes(post, done.likes, likes_form),
        "comment_count": done.comments,
        "has_liked": False,
        "is_paid_partnership": False,
        "coauthor_producers": [person_json(world.account)] if post.owner else [],
        "timeline_pinned_user_ids": [world.account.pk] if post.pinned else [],
        "is_in_profile_grid": post.in_grid,
        "original_width": 1080,
        "original_height": 1920 if post.kind is Kind.REEL else 1350,
        "image_versions2": _pictures(world, post),
        "organic_tracking_token": "sandbox",
    }
    return {**body, **_extras(world, post)}


def _likes_form() -> str:
    fault = site().faults.take(FaultKind.HIDDEN_LIKES, Where.JSON)
    return fault.variant if fault else ""


def _likes(post: Post, likes: int, form: str) -> Json:
    """Return the like count; one that is hidden is 3, or -1, or left out."""
    if not post.hides_counts:
        return {"like_count": likes}
    return {} if form == "absent" else {"like_count": -1 if form == "minus_one" else _HIDDEN_LIKES}


def _extras(world: World, post: Post) -> Json:
    if post.kind is Kind.CAROUSEL:
        children = [_child(world, post, part) for part in range(1, post.parts + 1)]
        return {"carousel_media_count": post.parts, "carousel_media": children}
    if post.kind is Kind.REEL:
        pins = [world.account.pk] if post.pinned_in_reels else []
        return {
            "view_count": None,
            "has_audio": True,
            "video_duration": post.duration,
            "clips_tab_pinned_user_ids": pins,
        }
    return {}


def _plays(world: World, post: Post) -> Json:
    done = post.engagement(world.now)
    return {"view_count": done.views, "play_count": done.plays, "ig_play_count": done.plays}


def _child(world: World, post: Post, part: int) -> Json:
    pk = post.pk + part
    return {
        "id": f"{pk}_{(post.owner or world.account).pk}",
        "pk": str(pk),
        "media_type": 1,
        "carousel_parent_id": f"{post.pk}_{(post.owner or world.account).pk}",
        "image_versions2": _pictures(world, post, part),
        "original_width": 1080,
        "original_height": 1350,
    }


def _pictures(world: World, post: Post, part: int = 0) -> Json:
    url = post_picture(base_url(), post, world.now, part)
    return {"candidates": [{"width": width, "height": width, "url": url} for width in (1080, 640, 240)]}


def _caption(world: World, post: Post) -> Json | None:
    if post.caption is None:
        return None
    taken_at = int(post.taken_at.timestamp())
    return {
        "pk": str(post.pk % 10**17),
        "user_id": (post.owner or world.account).pk,
        "text": post.caption,
        "type": 1,
        "created_at": taken_at,
        "created_at_utc": taken_at,
        "media_id": str(post.pk),
        "status": "Active",
    }


def _own_world(pk: int) -> World:
    world = site().world
    if pk != world.account.pk:
        refuse(fail(400, "Not authorized to view user"))
    return world


def _start_of(posts: list[Post], after: int | None) -> int:
    """Return where the page after piece ``after`` begins; a cursor that names no piece is refused."""
    if after is None:
        return 0
    places = {post.pk: place for place, post in enumerate(posts)}
    if after not in places:
        refuse(fail(400, "invalid request"))
    return places[after] + 1


def _media_cursor(text: str) -> int | None:
    head = text.partition("_")[0]
    return (int(head) if head.isdecimal() else -1) if text else None


def _clips_cursor(text: str) -> int | None:
    if not text:
        return None
    try:
        return int(base64.b64decode(text).decode().removeprefix("AQC|"))
    except (binascii.Error, ValueError):
        return -1


def _clamp(asked: int, bounds: tuple[int, int]) -> int:
    return max(bounds[0], min(asked, bounds[1]))
