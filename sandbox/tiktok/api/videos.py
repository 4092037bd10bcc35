"""``/v2/video/list/`` and ``/v2/video/query/``: public videos with their counters."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from sandbox.tiktok.faults import FaultKind, Where
from sandbox.tiktok.keys import VIDEOS
from sandbox.tiktok.people import Person
from sandbox.tiktok.site import site
from sandbox.world.clips.clip import Clip

from .answers import ApiError, Json, error, found, refuse
from .caller import asked_fields, caller
from .covers import cover
from .trouble import check_faults

blueprint = Blueprint("videos", __name__, url_prefix="/v2/video")
blueprint.register_error_handler(ApiError, refuse)
blueprint.before_request(check_faults)
_DEFAULT, _MOST = 10, 20
_COUNTERS = ("like_count", "comment_count", "share_count", "view_count")
_FIELDS = (
    *("id", "create_time", "cover_image_url", "share_url", "video_description", "duration", "height", "width"),
    *("title", "embed_html", "embed_link"),
    *_COUNTERS,
)
_SCOPES = dict.fromkeys(_FIELDS, VIDEOS)


@blueprint.post("/list/")
def listed() -> Response:
    """Return a page of videos, newest first; a cursor is any moment in milliseconds."""
    grant = caller()
    names, body = asked_fields(grant, _SCOPES), _body()
    size, cursor = _size(body), _cursor(body)
    clips = [clip for clip in grant.person.profile.clips() if cursor is None or _ms(clip.created_at) < cursor]
    shown, faults = clips[:size], site().faults
    more = len(clips) > size
    after = _ms(shown[-1].created_at) if shown else cursor or 0
    if cursor is not None and faults.take(FaultKind.EQUAL_CURSORS, Where.VIDEOS):
        after, more = cursor, True
    if shown and faults.take(FaultKind.EMPTY_PAGE, Where.VIDEOS):
        shown, more = [], True
    if shown and faults.take(FaultKind.SHORT_LIST, Where.VIDEOS):
        shown = shown[:-1]
    rows = [_row(grant.person, clip, names) for clip in shown]
    return found({"videos": rows, "cursor": after, "has_more": more}, Where.VIDEOS)


@blueprint.post("/query/")
def queried() -> Response:
    """Return up to twenty videos by id; one that is gone or another's is just missing."""
    grant = caller()
    names, filters = asked_fields(grant, _SCOPES), _body().get("filters")
    ids = filters.get("video_ids") if isinstance(filters, dict) else None
    if not isinstance(ids, list) or not 0 < len(ids) <= _MOST:
        raise error("invalid_params", "video_ids is a list of 1 to 20 ids.")
    clips = [clip for identity in ids if (clip := grant.person.profile.clip(str(identity))) is not None]
    return found({"videos": [_row(grant.person, clip, names) for clip in clips]}, Where.VIDEOS)


def _row(person: Person, clip: Clip, names: list[str]) -> Json:
    """Return a video; a counter that is not known yet is null, or left out."""
    whole = _video(person, clip)
    missing = site().faults.take(FaultKind.COUNTS_MISSING, Where.VIDEOS)
    if missing and missing.variant == "null":
        whole |= dict.fromkeys(_COUNTERS)
    if missing and missing.variant != "null":
        names = [name for name in names if name not in _COUNTERS]
    return {name: whole[name] for name in names}


def _video(person: Person, clip: Clip) -> Json:
    done, link = clip.counts(person.profile.now), f"https://www.tiktok.com/@{person.username}/video/{clip.id}"
    return {
        "id": str(clip.id),
        "create_time": int(clip.created_at.timestamp()),
        "cover_image_url": cover(request.host_url, clip.id, site().now),
        "share_url": f"{link}?utm_campaign=tt4d_open_api",
        "video_description": clip.title,
        "duration": clip.duration,
        "height": 1024,
        "width": 576,
        "title": clip.title,
        "embed_html": f'<blockquote class="tiktok-embed" cite="{link}"></blockquote>',
        "embed_link": f"https://www.tiktok.com/player/v1/{clip.id}",
        "like_count": done.likes,
        "comment_count": done.comments,
        "share_count": done.shares,
        "view_count": done.views,
    }


def _body() -> Json:
    if request.mimetype != "application/json":
        raise error("invalid_params", "The Content-Type is application/json.")
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _size(body: Json) -> int:
    size = body.get("max_count", _DEFAULT)
    if not isinstance(size, int) or not 0 < size <= _MOST:
        raise error("invalid_params", "max_count is between 1 and 20.")
    return size


def _cursor(body: Json) -> int | None:
    cursor = body.get("cursor")
    if cursor in (None, 0):
        return None
    if not isinstance(cursor, int) or cursor < 0:
        raise error("invalid_params", "cursor is a time in milliseconds.")
    return cursor


def _ms(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp() * 1000)
