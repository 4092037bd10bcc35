"""Audience: who the platform says watches or follows, by official API and by data download, each with its date."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from shared.domain.jobs import JobKind
from shared.error_text import message
from shared.store.insights import reading
from shared.store.insights.reading import Refusal
from shared.store.profiles.profiles import ProfileRow
from web.auth.session import database, login_required
from web.profile import audience_blocks, list_state, past_insights
from web.profile.base import own_profile
from web.profile_frame import frame_of
from web.text.audience_parts import BREAKDOWNS, EVERYTHING, breakdown_words
from web.text.platforms import shows_audience
from web.translation import _, translate

bp = Blueprint("audience", __name__)
_READ_BY = (JobKind.SYNC, JobKind.SYNC_AUDIENCE, JobKind.IMPORT)


@bp.get("/profiles/<uuid:profile_id>/audience")
@login_required
def show_audience(profile_id: UUID) -> ResponseReturnValue:
    """Answers 404 where no way into the profile's platform shows an audience."""
    with database() as conn:
        profile = own_profile(conn, profile_id)
        if not shows_audience(profile.platform):
            abort(404)
        shares = reading.audience(conn, profile_id)
        not_given = [shown for one in reading.refusals(conn, profile_id) if (shown := _not_given(one, profile))]
        account = past_insights.of_account(conn, profile_id)
        known = bool(shares or not_given or account)
        under_way = None if known else list_state.sync_under_way(conn, profile, _READ_BY)
        frame = frame_of(conn, profile)
    return render_template(
        "profile/audience.html",
        **frame,
        tab="audience",
        known=known,
        official=audience_blocks.of_shares(profile.platform, shares),
        not_given=not_given,
        without_ages=bool(shares) and not any(one.breakdown == "age_gender" for one in shares),
        account=account,
        parts=audience_blocks.of_download(account) if account is not None else [],
        under_way=under_way,
    )


def _not_given(one: Refusal, profile: ProfileRow) -> tuple[str, datetime, str] | None:
    """What is refused, since when and why; None for a refusal that is not about the audience."""
    if one.metric != EVERYTHING and one.metric not in BREAKDOWNS:
        return None
    name = _("All of it") if one.metric == EVERYTHING else breakdown_words(one.metric)
    return name, one.since, translate(message(one.code, {}, profile.platform))
