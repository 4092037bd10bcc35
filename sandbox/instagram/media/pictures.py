"""Pictures: addresses whose signature changes every day, and small plain images behind them."""

from datetime import datetime

from flask import Blueprint, Response

from sandbox.picture import plain_square
from sandbox.world.people import Person
from sandbox.world.posts import Post

blueprint = Blueprint("pictures", __name__, url_prefix="/_cdn")


@blueprint.get("/<kind>/<int:number>.png")
def picture(kind: str, number: int) -> Response:
    """Return a plain square whose colour belongs to the number."""
    return Response(plain_square(number), content_type="image/png")


def profile_picture(base: str, person: Person, now: datetime) -> str:
    """Return the address of a person's picture, signed until tomorrow."""
    return f"{base}/_cdn/profile/{person.pk if person.has_picture else 0}.png?_nc_sid=8b3546&oe={now.toordinal() + 1:X}"


def post_picture(base: str, post: Post, now: datetime, part: int = 0) -> str:
    """Return the address of one picture of a post, signed until tomorrow."""
    return f"{base}/_cdn/post/{post.pk + part}.png?_nc_sid=10d13b&oe={now.toordinal() + 1:X}"
