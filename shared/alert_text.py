"""The text of an alert, which is stored as its kind, its subject and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.domain import zones
from shared.domain.social import Direction, ListEndpoint
from shared.error_text import message
from shared.messages import Message, Sentences

Params = Mapping[str, Any]
NOT_KEPT = "not_kept"
"""The subject of the alert that a login which went through leaves; the next login closes it."""
_NOT_KEPT = Message(
    "Your password was not kept: Instagram asked for something that only you could answer, so Rollcall could not log "
    "in again by itself. Connect again with the authenticator secret if you want it to."
)
ENDPOINT_NAMES: Mapping[ListEndpoint, str] = {
    ListEndpoint.REST: Message("the plain list"),
    ListEndpoint.GRAPHQL: Message("the query of Instagram's page"),
    ListEndpoint.DIALOG: Message("the window on Instagram's page"),
}
_NO_OTHER = Message(
    "No other way is left, so this list stays as it was at the last sync. Rollcall checks from time to time whether "
    "one works again."
)
_NAMES: Mapping[str, str] = {Direction.FOLLOWER: Message("Followers"), Direction.FOLLOWING: Message("Following")}
_LISTS = {Direction.FOLLOWER: Message("followers"), Direction.FOLLOWING: Message("accounts followed")}


def alert_text(kind: str, subject: str, params: Params) -> str:
    """The text of one alert, for translation; a kind that only another version knows is named."""
    if subject == NOT_KEPT:
        return _NOT_KEPT
    if kind in ("list_void", "list_partial"):
        return _list(subject, params)
    if kind == "route_changed":
        return _route_changed(Direction(subject), params)
    if kind == "stories_at_risk":
        return _stories_at_risk(params)
    return message(params.get("code"), params) or kind


def _list(subject: str, params: Params) -> str:
    which, reason = _NAMES.get(subject, Message("List")), Message(str(params.get("reason", "")))
    if params.get("source") == "data_download":
        return Message("%(list)s, from the data download: %(reason)s", list=which, reason=reason)
    return Message("%(list)s: %(reason)s", list=which, reason=reason)


def _route_changed(direction: Direction, params: Params) -> str:
    first, *others = (ENDPOINT_NAMES[ListEndpoint(endpoint)] for endpoint in params["failed"])
    ways: str = first
    for other in others:
        ways = Message("%(ways)s and %(way)s", ways=ways, way=other)
    instead = params.get("instead")
    now = _NO_OTHER
    if instead:
        way = ENDPOINT_NAMES[ListEndpoint(instead)]
        now = Message("Rollcall uses %(way)s instead, and checks from time to time whether it works again.", way=way)
    why = Message(params["reason"].rstrip("."))
    lost = Message(
        "Instagram changed this: %(ways)s no longer shows the %(list)s (%(why)s).",
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
            "Rollcall cannot sync this account now, and a story is live. Instagram shows its viewers until about "
            "%(until)s; connect again before then, or that list is lost.",
            until=until,
        )
    return Message(
        "Rollcall cannot sync this account now, and %(number)s stories are live. Instagram shows the viewers of the "
        "oldest until about %(until)s; connect again before then, or that list is lost.",
        number=number,
        until=until,
    )
