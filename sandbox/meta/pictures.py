"""The pictures of accounts and media."""

from flask import Blueprint, Response

from sandbox.picture import plain_square

blueprint = Blueprint("pictures", __name__)


@blueprint.get("/_pictures/<int:number>.png")
def picture(number: int) -> Response:
    """Return a plain square whose colour belongs to the number."""
    return Response(plain_square(number), content_type="image/png")
