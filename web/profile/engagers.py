"""The viewers of one story and the likers of one post, as far as the platform showed them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from shared.domain.engagers import Role
from shared.domain.stories import viewers_until
from shared.store.media import engager_pages
from web.auth.session import database, login_required
from web.http import periods
from web.profile.base import own_profile
from web.profile_frame import frame_of

bp = Blueprint("engagers", __name__)
PAGE_SIZE = 50
_LARGEST_ID = 2**63


@bp.get("/profiles/<uuid:profile_id>/content/<int:media_id>/<any(viewers, likers):who>")
@login_required
def show_people(profile_id: UUID, media_id: int, who: str) -> ResponseReturnValue:
    role = Role.VIEWER if who == "viewers" else Role.LIKER
    with database() as conn:
        profile = own_profile(conn, profile_id)
        medium = engager_pages.medium(conn, profile_id, media_id, role) if media_id < _LARGEST_ID else None
        if medium is None or (medium.kind == "story") != (role is Role.VIEWER):
            abort(404)
        try:
            page = engager_pages.page(conn, media_id, role, size=PAGE_SIZE, cursor=periods.cursor())
        except ValueError:
            abort(400)
        frame = frame_of(conn, profile)
    return render_template(
        "profile/engagers.html",
        **frame,
        tab="content",
        period=periods.period_of(profile),
        medium=medium,
        engagers=medium.engagers,
        page=page,
        viewed=role is Role.VIEWER,
        viewers_until=viewers_until(medium.posted_at, medium.expires_at),
    )
