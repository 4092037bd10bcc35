"""Profiles: by name, by id, and who am I."""

import zlib
from enum import StrEnum

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.world.people import Person
from sandbox.world.posts import Kind

from .answers import NOT_FOUND, SHELL, Json, base_url, html, reply
from .faults import FaultKind, Where
from .guard import check_json_call
from .lists.list_faults import moved
from .media.pictures import profile_picture
from .site import site

blueprint = Blueprint("profile", __name__, url_prefix="/api/v1")
blueprint.before_request(check_json_call)


class WhoAmI(StrEnum):
    """The ways to hide an account's own name: the form leads in a circle, the profile by id is a page or is gone."""

    FORM_LOOP = "form_loop"
    ID_HTML = "id_html"
    ID_GONE = "id_gone"


@blueprint.get("/users/web_profile_info/")
def by_name() -> Response:
    """Return a profile under the older names; counters stand in ``edge_*``, the media edges stay empty."""
    person = find_person(request.args.get("username", "").lower())
    if person is None:
        return html(NOT_FOUND, 404)
    return reply({"data": {"user": _by_name_json(person)}, "status": "ok"})


@blueprint.get("/users/<int:pk>/info/")
def by_pk(pk: int) -> Response:
    """Return a profile under the newer names."""
    world = site().world
    if pk == world.account.pk:
        if site().faults.take(FaultKind.WHO_AM_I, Where.JSON, WhoAmI.ID_HTML):
            return html(SHELL)
        if site().faults.take(FaultKind.WHO_AM_I, Where.JSON, WhoAmI.ID_GONE):
            return html(NOT_FOUND, 404)
    person = world.account if pk == world.account.pk else world.population.by_pk(pk)
    if person is None:
        return html(NOT_FOUND, 404)
    return reply({"user": _by_pk_json(person), "status": "ok"})


@blueprint.get("/accounts/current_user/")
def current_user() -> Response:
    """Return a page: this address no longer names the account."""
    return html(SHELL)


@blueprint.get("/accounts/edit/web_form_data/")
def who_am_i() -> AnyResponse:
    """Return the account's own form."""
    if site().faults.take(FaultKind.WHO_AM_I, Where.JSON, WhoAmI.FORM_LOOP):
        return redirect(request.path, 302)
    world = site().world
    form: Json = {
        "first_name": world.account.full_name,
        "last_name": "",
        "email": f"{world.account.username}@example.invalid",
        "is_email_confirmed": True,
        "username": world.account.username,
        "phone_number": site().account.phone,
        "gender": 3,
        "biography": world.biography,
        "external_url": "",
        "chaining_enabled": True,
        "business_account": False,
        "trusted_username": world.account.username,
        "trust_days": 14,
    }
    return reply({"form_data": form, "status": "ok"})


def find_person(username: str) -> Person | None:
    """Return who is called so: the account, or one of its people."""
    world = site().world
    return world.account if username == world.account.username else world.population.by_username(username)


def _counters(person: Person) -> tuple[int, int, int]:
    """Return followers, following and media; a stranger's belong to their id."""
    world = site().world
    if person.pk == world.account.pk:
        followers, following = (len(follow_list.members) for follow_list in world.lists())
        return moved("followers", followers), moved("following", following), len(world.posts)
    spread = zlib.crc32(str(person.pk).encode())
    return spread % 3000 + 10, spread // 7 % 900, spread // 11 % 400


def _reels(person: Person) -> int:
    world = site().world
    return sum(post.kind is Kind.REEL for post in world.posts) if person.pk == world.account.pk else 0


def _by_name_json(person: Person) -> Json:
    world = site().world
    followers, following, media = _counters(person)
    own, picture = person.pk == world.account.pk, profile_picture(base_url(), person, world.now)
    end: Json = {"has_next_page": media > 0, "end_cursor": None}
    return {
        "id": str(person.pk),
        "fbid": str(17_841_400_000_000_000 + person.pk % 10**13),
        "username": person.username,
        "full_name": person.full_name,
        "biography": world.biography if own else "",
        "external_url": None,
        "edge_followed_by": {"count": followers},
        "edge_follow": {"count": following},
        "edge_owner_to_timeline_media": {"count": media, "page_info": end, "edges": []},
        "edge_felix_video_timeline": {"count": _reels(person), "page_info": end, "edges": []},
        "is_private": person.is_private,
        "is_verified": person.is_verified,
        "is_business_account": False,
        "is_professional_account": own,
        "category_name": "Digital creator" if own else None,
        "hide_like_and_view_counts": False,
        "followed_by_viewer": person.pk in world.population.following.members,
        "follows_viewer": person.pk in world.population.followers.members,
        "requested_by_viewer": False,
        "blocked_by_viewer": False,
        "has_blocked_viewer": False,
        "profile_pic_url": picture,
        "profile_pic_url_hd": picture,
        "pronouns": [],
    }


def _by_pk_json(person: Person) -> Json:
    world = site().world
    followers, following, media = _counters(person)
    own, picture = person.pk == world.account.pk, profile_picture(base_url(), person, world.now)
    return {
        "pk": str(person.pk),
        "pk_id": str(person.pk),
        "id": str(person.pk),
        "username": person.username,
        "full_name": person.full_name,
        "biography": world.biography if own else "",
        "bio_links": [],
        "external_url": "",
        "follower_count": followers,
        "following_count": following,
        "media_count": media,
        "total_clips_count": _reels(person),
        "is_private": person.is_private,
        "is_verified": person.is_verified,
        "account_type": 3 if own else 1,
        "category": "Digital creator" if own else None,
        "profile_pic_url": picture,
        "hd_profile_pic_url_info": {"url": picture, "width": 320, "height": 320},
        "has_anonymous_profile_picture": not person.has_picture,
        "friendship_status": None if own else {"following": person.pk in world.population.following.members},
    }
