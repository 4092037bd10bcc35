"""Stories and who viewed them, who liked a post, one medium by its id, and the account's own archive."""

from flask import Blueprint, Response, request

from sandbox.instagram.answers import NOT_FOUND, SHELL, Json, base_url, fail, html, refuse, reply
from sandbox.instagram.faults import FaultKind, Where
from sandbox.instagram.guard import check_json_call
from sandbox.instagram.lists.list_page import person_json
from sandbox.instagram.site import site
from sandbox.world.stories import Story
from sandbox.world.world import World

from .pictures import profile_picture
from .tabs import media_json, page_of

blueprint = Blueprint("stories", __name__, url_prefix="/api/v1")
blueprint.before_request(check_json_call)

_VIEWERS_PAGE, _LIKERS_SHOWN, _ARCHIVE_PAGE = 50, 100, 33


@blueprint.get("/feed/reels_media/")
def reels_media() -> Response:
    """Return the live stories of the accounts in ``reel_ids``; none leaves the envelope empty."""
    world = site().world
    asked = request.args.getlist("reel_ids")
    shown = [story for story in world.stage.stories if story.is_live(world.now)]
    if str(world.account.pk) not in asked or not shown or _fault(FaultKind.STORIES_EMPTY):
        return reply({"reels_media": [], "reels": {}, "status": "ok"})
    reel: Json = {
        "id": str(world.account.pk),
        "latest_reel_media": int(shown[-1].taken_at.timestamp()),
        "expiring_at": int(shown[-1].expires_at.timestamp()),
        "reel_type": "user_reel",
        "user": person_json(world.account),
        "items": [_story(world, story) for story in shown],
    }
    return reply({"reels_media": [reel], "reels": {str(world.account.pk): reel}, "status": "ok"})


@blueprint.get("/media/<int:pk>/list_reel_media_viewer/")
def story_viewers(pk: int) -> Response:
    """Return about fifty viewers, newest first; two days after posting there are none to be seen any more."""
    world = site().world
    story = next((story for story in world.stage.stories if story.pk == pk), None)
    if story is None:
        return html(NOT_FOUND, 404)
    if not story.shows_viewers(world.now) or _fault(FaultKind.VIEWERS_GONE):
        return reply({"user_count": None, "total_viewer_count": None, "next_max_id": None, "status": "ok"})
    every = list(reversed(story.viewers.items()))
    counts: Json = {"user_count": len(every), "total_viewer_count": len(every)}
    if not every:
        return reply({**counts, "status": "ok"})
    start = _start(request.args.get("max_id", "0"))
    shown, more = every[start : start + _VIEWERS_PAGE], start + _VIEWERS_PAGE < len(every)
    people = world.population.people
    rows = [{**person_json(people[who]), "has_liked": liked, "reply_text": None} for who, liked in shown]
    further = str(start + _VIEWERS_PAGE) if more else None
    body = {"users": rows, "next_max_id": further, **counts, "updated_media": _story(world, story), "status": "ok"}
    return reply(body)


@blueprint.get("/media/<int:pk>/likers/")
def likers(pk: int) -> Response:
    """Return the newest hundred of those who liked a post, under the count of all of them; there is no second page."""
    world = site().world
    post = next((post for post in world.posts if post.pk == pk), None)
    if post is None:
        return html(NOT_FOUND, 404)
    newest = list(reversed(world.stage.likers.get(pk, {})))[:_LIKERS_SHOWN]
    rows = [person_json(world.population.people[who]) for who in newest]
    return reply({"users": rows, "user_count": post.engagement(world.now).likes, "status": "ok"})


@blueprint.get("/media/<number>/info/")
def media_info(number: str) -> Response:
    """Return one piece, archived ones too; ``number`` may carry the owner behind an underscore."""
    world = site().world
    posts = {str(post.pk): post for post in (*world.posts, *world.archived)}
    stories = {str(story.pk): story for story in world.stage.stories if story.is_live(world.now)}
    pk = number.partition("_")[0]
    if pk in posts:
        return reply({"items": [media_json(world, posts[pk])], "num_results": 1, "status": "ok"})
    if pk in stories:
        return reply({"items": [_story(world, stories[pk])], "num_results": 1, "status": "ok"})
    return html(NOT_FOUND, 404)


@blueprint.get("/feed/only_me_feed/")
def only_me_feed() -> Response:
    """Return the account's archived pieces, newest first."""
    world = site().world
    if _fault(FaultKind.MEDIA_HTML):
        return html(SHELL)
    every = sorted(world.archived, key=lambda post: post.pk, reverse=True)
    return reply(page_of(world, every, request.args.get("max_id", ""), _ARCHIVE_PAGE))


def _story(world: World, story: Story) -> Json:
    taken_at, owner = int(story.taken_at.timestamp()), world.account
    return {
        "pk": str(story.pk),
        "id": f"{story.pk}_{owner.pk}",
        "code": story.code,
        "taken_at": taken_at,
        "expiring_at": int(story.expires_at.timestamp()),
        "device_timestamp": taken_at * 1_000_000,
        "media_type": 2 if story.is_video else 1,
        "product_type": "story",
        "user": person_json(owner),
        "caption": None,
        "is_reel_media": True,
        "can_reply": True,
        "original_width": 1080,
        "original_height": 1920,
        "image_versions2": {"candidates": [{"url": profile_picture(base_url(), owner, world.now)}]},
    }


def _start(cursor: str) -> int:
    if not cursor.isdecimal():
        refuse(fail(400, "invalid request"))
    return int(cursor)


def _fault(kind: FaultKind) -> bool:
    return site().faults.take(kind, Where.JSON) is not None
