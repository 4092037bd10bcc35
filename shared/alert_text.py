"""The text of an alert, which is stored as its kind, its subject and parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from shared.domain import zones
from shared.domain.social import Direction
from shared.error_text import message
from shared.messages import Message, Sentences, about
from shared.platforms import PLATFORMS, label_of

Params = Mapping[str, Any]
NOT_KEPT = "not_kept"
"""The subject of the alert that a login which went through leaves; the next login closes it."""
_NOT_KEPT = Message(
    "Your password was not kept: %(platform)s asked for something that only you could answer, so Rollcall could not "
    "log in again by itself. Connect again with the authenticator secret if you want it to."
)
_NO_OTHER = Message(
    "No other way is left, so this list stays as it was at the last sync. Rollcall checks from time to time whether "
    "one works again."
)
_NAMES: Mapping[str, str] = {Direction.FOLLOWER: Message("Followers"), Direction.FOLLOWING: Message("Following")}
_LISTS = {Direction.FOLLOWER: Message("followers"), Direction.FOLLOWING: Message("accounts followed")}


def alert_text(kind: str, subject: str, params: Params, platform: str) -> str:
    """The text of one alert, for translation; a kind that only another version knows is named.

    `platform` is the stored name of the profile's platform.
    """
    return about(_text(kind, subject, params, platform), label_of(platform))


def _text(kind: str, subject: str, params: Params, platform: str) -> str:
    if subject == NOT_KEPT:
        return _NOT_KEPT
    if kind in ("list_void", "list_partial"):
        return _list(subject, params)
    if kind == "endpoint_changed":
        return _endpoint_changed(Direction(subject), params, platform)
    if kind == "stories_at_risk":
        return _stories_at_risk(params)
    if kind in _OF_OPERATORS:
        return _OF_OPERATORS[kind](subject, params)
    return message(params.get("code"), params) or kind


def _list(subject: str, params: Params) -> str:
    which, reason = _NAMES.get(subject, Message("List")), Message(str(params.get("reason", "")))
    if params.get("source") == "data_download":
        return Message("%(list)s, from the data download: %(reason)s", list=which, reason=reason)
    return Message("%(list)s: %(reason)s", list=which, reason=reason)


def _endpoint_changed(direction: Direction, params: Params, platform: str) -> str:
    known = PLATFORMS.get(platform)
    names = {} if known is None else known.endpoints
    first, *others = (names.get(endpoint, Message("one of its ways")) for endpoint in params["failed"])
    ways: str = first
    for other in others:
        ways = Message("%(ways)s and %(way)s", ways=ways, way=other)
    instead = params.get("instead")
    now = _NO_OTHER
    if instead:
        way = names.get(instead, Message("another way"))
        now = Message("Rollcall uses %(way)s instead, and checks from time to time whether it works again.", way=way)
    why = Message(params["reason"].rstrip("."))
    lost = Message(
        "%(platform)s changed this: %(ways)s no longer shows the %(list)s (%(why)s).",
        ways=ways,
        list=_LISTS[direction],
        why=why,
    )
    return Sentences(lost, now)


def _stories_at_risk(params: Params) -> str:
    number = int(params["number"])
    local = datetime.fromisoformat(params["until"]).astimezone(zones.zone(params["timezone"]))
    until = f"{local.day} {local:%b %Y, %H:%M} {local.tzname()}"
    if number == 1:
        return Message(
            "Rollcall cannot sync this account now, and a story is live. %(platform)s shows its viewers until about "
            "%(until)s; connect again before then, or that list is lost.",
            until=until,
        )
    return Message(
        "Rollcall cannot sync this account now, and %(number)s stories are live. %(platform)s shows the viewers of the "
        "oldest until about %(until)s; connect again before then, or that list is lost.",
        number=number,
        until=until,
    )


def _jobs_failing(_: str, params: Params) -> str:
    return Message(
        "%(failed)s of %(ended)s jobs for %(platform)s that ended in 24 hours have failed. "
        "The pages under /admin say why.",
        failed=params["failed"],
        ended=params["ended"],
    )


def _tokens_ended(_: str, params: Params) -> str:
    if params["number"] == 1:
        return Message("A token for %(platform)s ended without being renewed. Its owner has to connect again.")
    return Message(
        "%(number)s tokens for %(platform)s ended without being renewed. Their owners have to connect again.",
        number=params["number"],
    )


def _quota_low(subject: str, params: Params) -> str:
    if params.get("limit") is None:
        return Message(
            "The platform says that the app has used up its quota (%(quota)s). "
            "All syncs that need it wait until it begins again.",
            quota=subject,
        )
    return Message(
        "The app has used %(units)s of the %(limit)s units that it has today (%(quota)s). "
        "Scheduled syncs wait for the next day; the pages under /admin say how many accounts fit.",
        units=params["units"],
        limit=params["limit"],
        quota=subject,
    )


_OF_OPERATORS: Mapping[str, Callable[[str, Params], str]] = {
    "jobs_failing": _jobs_failing,
    "tokens_ended": _tokens_ended,
    "quota_low": _quota_low,
}
