"""The follower and following lists by REST, page by page."""

from flask import Blueprint, Response, request

from sandbox.instagram.answers import SHELL, Json, fail, html, refuse, reply
from sandbox.instagram.guard import check_json_call
from sandbox.instagram.site import site

from .list_faults import gone
from .list_page import list_page

blueprint = Blueprint("people", __name__, url_prefix="/api/v1/friendships")
blueprint.before_request(check_json_call)

_FOLLOWERS_PAGE, _FOLLOWING_PAGE = 25, 50


@blueprint.get("/<int:pk>/followers/")
def followers(pk: int) -> Response:
    """Return the next 25 followers, whatever number is asked for."""
    return reply(_page(pk, "followers", _FOLLOWERS_PAGE))


@blueprint.get("/<int:pk>/following/")
def following(pk: int) -> Response:
    """Return the next accounts that are followed: as many as asked for, up to 50."""
    asked = request.args.get("count", default=12, type=int)
    body = _page(pk, "following", max(1, min(asked, _FOLLOWING_PAGE)))
    for row in body["users"] if isinstance(body["users"], list) else []:
        row["is_favorite"] = False
    return reply(body)


def _page(pk: int, which: str, size: int) -> Json:
    """Return a page; a retired list is answered with the site's page, as addresses are that www does not serve."""
    if pk != site().world.account.pk:
        refuse(fail(400, "Not authorized to view user"))
    if gone("rest", asked=True):
        refuse(html(SHELL))
    page = list_page(which, request.args.get("max_id"), size, "rest")
    goes_on = page.cursor is not None
    body: Json = {"users": page.rows, "big_list": goes_on, "has_more": goes_on is not page.lies, "page_size": 200}
    if page.lies:
        body["next_max_id"] = page.number if goes_on else ("", 0, None)[site().passes[which] % 3]
    elif goes_on:
        body["next_max_id"] = page.cursor
    return {**body, "should_limit_list_of_followers": page.limited, "status": "ok"}
