"""``/v2/user/info/``: the person, as far as their scopes allow."""

from flask import Blueprint, Response, request

from sandbox.tiktok.faults import Where
from sandbox.tiktok.keys import BASIC, PROFILE, STATS
from sandbox.tiktok.people import Person
from sandbox.tiktok.site import number_of, site

from .answers import ApiError, Json, found, refuse
from .caller import asked_fields, caller
from .trouble import check_faults

blueprint = Blueprint("user", __name__, url_prefix="/v2/user")
blueprint.register_error_handler(ApiError, refuse)
blueprint.before_request(check_faults)
_SCOPES = {
    **dict.fromkeys(("open_id", "union_id", "avatar_url", "avatar_url_100", "avatar_large_url", "display_name"), BASIC),
    **dict.fromkeys(("bio_description", "profile_deep_link", "is_verified", "username"), PROFILE),
    **dict.fromkeys(("follower_count", "following_count", "likes_count", "video_count"), STATS),
}


@blueprint.get("/info/")
def info() -> Response:
    """Return the fields that are asked for."""
    grant = caller()
    names, whole = asked_fields(grant, _SCOPES), _fields(grant.person)
    return found({"user": {name: whole[name] for name in names}}, Where.USER)


def _fields(person: Person) -> Json:
    profile, picture = person.profile, f"{request.host_url}_pictures/{number_of(person.username)}.png"
    return {
        "open_id": person.open_id(site().app.key),
        "union_id": person.union_id,
        "avatar_url": picture,
        "avatar_url_100": picture,
        "avatar_large_url": picture,
        "display_name": person.name,
        "bio_description": profile.world.biography,
        "profile_deep_link": f"https://vm.tiktok.com/{person.username}/",
        "is_verified": False,
        "username": person.username,
        "follower_count": profile.followers,
        "following_count": profile.config.following,
        "likes_count": profile.likes,
        "video_count": len(profile.clips()),
    }
