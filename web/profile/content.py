"""Posts, reels and stories, ranked by any of their figures."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from shared.domain.engagement import label
from shared.domain.growth import Missing
from shared.store.media import ranking
from shared.store.media.ranking import Group, Rank, Wanted
from web.auth.session import database, login_required
from web.http import periods
from web.http.query import choice
from web.profile import figures, list_state, media_figures, past_insights
from web.profile.base import own_profile
from web.profile_frame import frame_of
from web.text import content as words
from web.text.platforms import may_rate
from web.translation import ngettext, translate

bp = Blueprint("content", __name__)
PAGE_SIZE = 24
_LONGEST_SEARCH = 80


@bp.get("/profiles/<uuid:profile_id>/content")
@login_required
def show_ranking(profile_id: UUID) -> ResponseReturnValue:
    with database() as conn:
        profile = own_profile(conn, profile_id)
        wanted = Wanted(
            periods.period_of(profile),
            choice(Rank, request.args.get("sort")),
            choice(Group, request.args.get("kind")),
            request.args.get("q", "")[:_LONGEST_SEARCH],
        )
        try:
            page = ranking.page(conn, profile_id, wanted, size=PAGE_SIZE, cursor=periods.cursor())
        except ValueError:
            abort(400)
        matching = page.rows[0].matching if page.rows else ranking.count(conn, profile_id, wanted)
        known = bool(matching) or ranking.known(conn, profile_id, wanted.group)
        kinds = list_state.STORIES if wanted.group is Group.STORIES else list_state.POSTS
        under_way = None if known else list_state.sync_under_way(conn, profile, kinds)
        newest = None if matching else ranking.newest(conn, profile_id)
        imported_insights = past_insights.of_page(conn, profile_id, page.rows)
        official = media_figures.of_page(conn, profile, page.rows)
        frame = frame_of(conn, profile)
    return render_template(
        "profile/content.html",
        **frame,
        tab="content",
        period=wanted.period,
        wanted=wanted,
        page=page,
        matching=matching,
        newest=newest,
        known=known,
        under_way=under_way,
        imported_insights=imported_insights,
        official=official,
        words=words.words_of(profile.platform),
        counted=ngettext(*words.words_of(profile.platform).number, matching),
        view_counts=words.counts_of(profile.platform),
        may_rate=may_rate(profile.platform),
        ranks=words.ranks(profile.platform, wanted.rank),
        groups=words.groups(profile.platform, wanted.group),
        formulas=figures.formulas(),
        never_read=translate(Missing.NEVER_READ),
        rates_forbidden=translate(Missing.RATES_FORBIDDEN),
        engagement_label=translate(label(saves_known=False, shares_known=False)),
    )
