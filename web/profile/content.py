"""Posts, reels and stories, ranked by any of their figures."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from shared.domain.engagement import label
from shared.domain.growth import Missing
from shared.domain.jobs import JobKind
from shared.messages import Message
from shared.store.media import ranking
from shared.store.media.ranking import Group, Rank, Wanted
from web.auth.session import database, login_required
from web.http import periods
from web.http.query import choice
from web.profile import figures, list_state, past_insights
from web.profile.base import own_profile
from web.profile_frame import frame_of
from web.text.platforms import reads
from web.translation import _, translate

bp = Blueprint("content", __name__)
PAGE_SIZE = 24
_LONGEST_SEARCH = 80
RANKS = {
    Rank.NEWEST: Message("Newest"),
    Rank.LIKES: Message("Likes"),
    Rank.COMMENTS: Message("Comments"),
    Rank.PLAYS: Message("Plays"),
    Rank.VIEWS: Message("Views"),
    Rank.ENGAGEMENT: Message("Engagement rate"),
}
GROUPS = {
    Group.ALL: Message("Posts and reels"),
    Group.POSTS: Message("Posts"),
    Group.REELS: Message("Reels"),
    Group.IMAGE: Message("Single images"),
    Group.CAROUSEL: Message("Carousels"),
    Group.VIDEO: Message("Videos"),
    Group.STORIES: Message("Stories"),
}


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
        ranks={rank: _(words) for rank, words in RANKS.items()},
        groups=_groups(profile.platform, wanted.group),
        formulas=figures.formulas(),
        never_read=translate(Missing.NEVER_READ),
        engagement_label=translate(label(saves_known=False, shares_known=False)),
    )


def _groups(platform: str, chosen: Group) -> dict[Group, str]:
    """The kinds of content to choose from; stories only where the platform has them, or they are chosen."""
    stories = chosen is Group.STORIES or reads(platform, JobKind.SYNC_STORIES)
    return {group: _(words) for group, words in GROUPS.items() if stories or group is not Group.STORIES}
