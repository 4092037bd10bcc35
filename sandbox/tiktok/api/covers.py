"""Covers, whose addresses are good for six hours, and other pictures, which stay."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, request

from sandbox.picture import plain_square
from sandbox.tiktok.site import site

blueprint = Blueprint("pictures", __name__)
_GOOD_FOR = timedelta(hours=6)


def cover(base: str, clip_id: int, now: datetime) -> str:
    """Return the address of a clip's cover, signed for six hours from ``now``."""
    return f"{base}_covers/{clip_id}.png?x-expires={int((now + _GOOD_FOR).timestamp())}"


@blueprint.get("/_covers/<int:number>.png")
def signed(number: int) -> Response:
    """Return a plain square while its address is good."""
    expires = request.args.get("x-expires", default=0, type=int)
    if datetime.fromtimestamp(expires, UTC) <= site().now:
        return Response("Access Denied", 403, content_type="text/plain")
    return Response(plain_square(number), content_type="image/png")


@blueprint.get("/_pictures/<int:number>.png")
def picture(number: int) -> Response:
    """Return a plain square whose colour belongs to the number."""
    return Response(plain_square(number), content_type="image/png")
