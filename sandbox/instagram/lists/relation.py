"""The relation between one person and the account."""

from flask import Blueprint, Response

from sandbox.instagram.answers import NOT_FOUND, html, reply
from sandbox.instagram.guard import check_json_call
from sandbox.instagram.site import site

blueprint = Blueprint("relation", __name__, url_prefix="/api/v1/friendships")
blueprint.before_request(check_json_call)


@blueprint.get("/show/<int:pk>/")
def show(pk: int) -> Response:
    """Return both directions of following; a deactivated person is not found."""
    population = site().world.population
    person = population.by_pk(pk)
    if person is None:
        return html(NOT_FOUND, 404)
    return reply(
        {
            "following": pk in population.following.members,
            "followed_by": pk in population.followers.members,
            "blocking": False,
            "is_private": person.is_private,
            "incoming_request": False,
            "outgoing_request": False,
            "is_bestie": False,
            "is_restricted": False,
            "status": "ok",
        }
    )
