"""The follower and following lists, page by page."""

import base64
import binascii

from flask import Blueprint, Response, request

from sandbox.world.people import Person
from sandbox.world.population import FollowList

from .answers import Json, base_url, fail, refuse, reply
from .guard import check_json_call
from .pictures import profile_picture
from .site import site

blueprint = Blueprint("people", __name__, url_prefix="/api/v1/friendships")
blueprint.before_request(check_json_call)

_FOLLOWERS_PAGE, _FOLLOWING_PAGE = 25, 50
_CURSOR_MARK = "QVFE"


@blueprint.get("/<int:pk>/followers/")
def followers(pk: int) -> Response:
    """Return the next 25 followers, whatever number is asked for."""
    body = _page(pk, site().world.population.followers, _FOLLOWERS_PAGE)
    return reply({**body, "page_size": 200, "should_limit_list_of_followers": False, "status": "ok"})


@blueprint.get("/<int:pk>/following/")
def following(pk: int) -> Response:
    """Return the next accounts that are followed: as many as asked for, up to 50."""
    asked = request.args.get("count", default=12, type=int)
    body = _page(pk, site().world.population.following, max(1, min(asked, _FOLLOWING_PAGE)))
    for row in body["users"] if isinstance(body["users"], list) else []:
        row["is_favorite"] = False
    return reply({**body, "page_size": 200, "should_limit_list_of_followers": False, "status": "ok"})


def person_json(person: Person) -> Json:
    """Return somebody as a row of a list: ``pk`` a number, ``pk_id`` the same as text."""
    return {
        "fbid_v2": str(17_841_400_000_000_000 + person.pk % 10**13),
        "pk": person.pk,
        "pk_id": str(person.pk),
        "id": str(person.pk),
        "strong_id__": str(person.pk),
        "username": person.username,
        "full_name": person.full_name,
        "is_private": person.is_private,
        "is_verified": person.is_verified,
        "has_anonymous_profile_picture": not person.has_picture,
        "profile_pic_id": f"{person.pk * 31 % 2**61}_{person.pk}" if person.has_picture else None,
        "profile_pic_url": profile_picture(base_url(), person, site().world.now),
        "account_badges": [],
        "is_possible_scammer": False,
        "third_party_downloads_enabled": int(not person.is_private),
        "latest_reel_media": 0,
    }


def _page(pk: int, follow_list: FollowList, size: int) -> Json:
    world = site().world
    if pk != world.account.pk:
        refuse(fail(400, "Not authorized to view user"))
    members, go_on = follow_list.members.page(_read_cursor(request.args.get("max_id")), size)
    body: Json = {
        "users": [person_json(world.population.people[member]) for member in members],
        "big_list": go_on is not None,
        "has_more": go_on is not None,
    }
    if go_on is not None:
        body["next_max_id"] = _write_cursor(go_on)
    return body


def _write_cursor(arrival: int) -> str:
    return _CURSOR_MARK + base64.urlsafe_b64encode(f"{arrival:012d}|{site().world.account.pk}".encode()).decode()


def _read_cursor(text: str | None) -> int | None:
    if not text:
        return None
    try:
        number, _, owner = base64.urlsafe_b64decode(text.removeprefix(_CURSOR_MARK)).decode().partition("|")
        arrival = int(number)
    except (binascii.Error, ValueError):
        refuse(fail(400, "invalid request"))
    if owner != str(site().world.account.pk):
        refuse(fail(400, "invalid request"))
    return arrival
