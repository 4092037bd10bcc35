"""``channels.list``, ``playlistItems.list`` and ``videos.list``; each costs one unit."""

from flask import Blueprint, Response, request

from sandbox.google.api.answers import ApiError, Json, parameter_error, refuse, reply
from sandbox.google.api.caller import Caller, caller, check_api, check_scope
from sandbox.google.api.parameters import check_names, listed, one_filter, parts
from sandbox.google.api.quota import spend_unit
from sandbox.google.api.trouble import check_faults
from sandbox.google.faults import FaultKind, Where
from sandbox.google.oauth.clients import DATA_API, YOUTUBE
from sandbox.google.site import site
from sandbox.world.channel.channel import Channel, State
from sandbox.world.channel.videos import Privacy, Video

from .paging import page
from .shapes import answer, channel_parts, chosen, item_parts, resource, video_parts

blueprint = Blueprint("data", __name__, url_prefix="/youtube/v3")
blueprint.register_error_handler(ApiError, refuse)

_MANAGES = "https://www.googleapis.com/auth/youtube"
_MOST_IDS = 50
_CHANNEL_PARTS = ("id", "snippet", "contentDetails", "statistics", "status")
_ITEM_PARTS = ("id", "snippet", "contentDetails", "status")
_VIDEO_PARTS = ("id", "snippet", "contentDetails", "statistics", "status")
_CHANNEL_FILTERS = ("mine", "id", "forHandle", "forUsername")
_STATES = {
    State.CLOSED: ("channelClosed", "The channel has been closed."),
    State.SUSPENDED: ("channelSuspended", "The channel has been suspended."),
}


@blueprint.get("/channels")
def channels() -> Response:
    """Return the caller's own channel, or others by id or handle."""
    who = _begin()
    check_names((*_CHANNEL_FILTERS, "part", "maxResults", "pageToken", "hl", "categoryId", "managedByMe"))
    asked, by = parts(_CHANNEL_PARTS), one_filter(_CHANNEL_FILTERS)
    found = _mine(who) if by == "mine" else _others(by)
    items = [resource("channel", channel.id, chosen(channel_parts(channel), asked)) for channel in found]
    return _list("channel", items, {"pageInfo": {"totalResults": len(items), "resultsPerPage": 5}})


@blueprint.get("/playlistItems")
def playlist_items() -> Response:
    """Return the uploads of a channel, newest first; a channel without any has no such playlist."""
    who = _begin()
    check_names(("part", "playlistId", "id", "maxResults", "pageToken", "videoId"))
    asked = parts(_ITEM_PARTS)
    if one_filter(("id", "playlistId")) == "id":
        return _items_by_id(who, asked)
    playlist = request.args["playlistId"]
    channel = next((one for one in _open() if one.uploads == playlist), None)
    uploads = channel.listed(_owns(who, channel)) if channel else []
    if channel is None or not uploads:
        message = "The playlist identified with the request's <code>playlistId</code> parameter cannot be found."
        raise ApiError(404, "playlistNotFound", message, "youtube.playlistItem", "playlistId", "parameter")
    shown, where = page(playlist, list(enumerate(uploads)))
    return _list("playlistItem", [_item(channel, video, position, asked) for position, video in shown], where)


@blueprint.get("/videos")
def videos() -> Response:
    """Return up to 50 videos by id; one that is gone, or that the caller may not see, is just missing."""
    who = _begin()
    check_names(("part", "id", "chart", "myRating", "maxResults", "pageToken", "hl", "regionCode"))
    asked = parts(_VIDEO_PARTS)
    if one_filter(("chart", "id", "myRating")) != "id":
        return _list("video", [], None)  # Nothing is popular here, and the person rated nothing.
    ids = listed("id")
    if len(ids) > _MOST_IDS:
        raise parameter_error("invalidFilters", "The request specifies an invalid filter parameter.", "id")
    items = []
    for channel, video in ((channel, channel.video(identity)) for identity in ids for channel in _open()):
        if video and (video.privacy is not Privacy.PRIVATE or _owns(who, channel)):
            items.append(resource("video", video.id, chosen(video_parts(channel, video), asked)))
    return _list("video", items, None)


def _items_by_id(who: Caller, asked: list[str]) -> Response:
    every = {
        f"UE{video.id}": _item(channel, video, position, asked)
        for channel in _open()
        for position, video in enumerate(channel.listed(_owns(who, channel)))
    }
    return _list("playlistItem", [every[identity] for identity in listed("id") if identity in every], None)


def _item(channel: Channel, video: Video, position: int, asked: list[str]) -> Json:
    return resource("playlistItem", f"UE{video.id}", chosen(item_parts(channel, video, position), asked))


def _begin() -> Caller:
    """Return who calls, once everything that can refuse a call has let it through."""
    check_faults(Where.DATA)
    who = caller()
    check_api(who, DATA_API, Where.DATA)
    if not who.by_key:
        check_scope(who, YOUTUBE, _MANAGES)
    spend_unit(who.client)
    if site().faults.take(FaultKind.SIGNUP_REQUIRED, Where.DATA):
        raise ApiError(401, "youtubeSignupRequired", "Unauthorized", "youtube.header", "Authorization", "header")
    return who


def _mine(who: Caller) -> list[Channel]:
    if who.by_key:
        message = "The request uses the <code>mine</code> parameter but is not properly authorized."
        raise ApiError(401, "authorizationRequired", message, "youtube.parameter", "mine", "parameter")
    if who.channel is None or request.args["mine"] != "true":
        return []
    if who.channel.state in _STATES:
        reason, message = _STATES[who.channel.state]
        raise ApiError(403, reason, message, "youtube.channel")
    return [who.channel]


def _others(by: str) -> list[Channel]:
    if by == "id":
        ids = listed("id")
        if len(ids) > _MOST_IDS:
            raise parameter_error("invalidFilters", "The request specifies an invalid filter parameter.", "id")
        return [channel for identity in ids for channel in _open() if channel.id == identity]
    handle = request.args[by].lower().removeprefix("@")
    return [channel for channel in _open() if by == "forHandle" and channel.handle.lower() == f"@{handle}"]


def _open() -> list[Channel]:
    return [channel for channel in site().channels() if channel.state is State.OPEN]


def _owns(who: Caller, channel: Channel) -> bool:
    return who.channel is channel


def _list(kind: str, items: list[Json], where: Json | None) -> Response:
    empty = site().faults.take(FaultKind.EMPTY, Where.DATA)
    return reply(answer(kind, [] if empty else items, where))
