"""What a person reads of an alert, which is stored as its kind, its subject and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.domain import zones
from shared.domain.social import Direction, Route
from shared.error_text import message

Params = Mapping[str, Any]
NOT_KEPT = "not_kept"
"""The subject of the alert that a login which went through leaves; the next login closes it."""
_NOT_KEPT = (
    "Your password was not kept: Instagram asked for something that only you could answer, so Rollcall could not log "
    "in again by itself. Connect again with the authenticator secret if you want it to."
)
ROUTE_WORDS: Mapping[Route, str] = {
    Route.REST: "the plain list",
    Route.GRAPHQL: "the query of Instagram's page",
    Route.DIALOG: "the window on Instagram's page",
}
_NAMES: Mapping[str, str] = {Direction.FOLLOWER: "Followers", Direction.FOLLOWING: "Following"}
_LISTS = {Direction.FOLLOWER: "followers", Direction.FOLLOWING: "accounts followed"}
_SOURCES = {"archive": ", from the data download"}


def alert_text(kind: str, subject: str, params: Params) -> str:
    """The sentences of one alert; a kind that only another version knows is named."""
    if subject == NOT_KEPT:
        return _NOT_KEPT
    if kind in ("list_void", "list_partial"):
        return f"{_NAMES.get(subject, 'List')}{_SOURCES.get(params.get('source', ''), '')}: {params.get('reason', '')}"
    if kind == "route_changed":
        return _route_changed(Direction(subject), params)
    if kind == "stories_at_risk":
        return _stories_at_risk(params)
    return message(params.get("code"), params) or kind


def _route_changed(direction: Direction, params: Params) -> str:
    ways = " and ".join(ROUTE_WORDS[Route(route)] for route in params["failed"])
    instead = params.get("instead")
    now = (
        f"Rollcall uses {ROUTE_WORDS[Route(instead)]} instead"
        if instead
        else "No other way is left, so this list stays as it was at the last sync"
    )
    return (
        f"Instagram changed this: {ways} no longer shows the {_LISTS[direction]} ({params['reason'].rstrip('.')}). "
        f"{now}, and checks from time to time whether it works again."
    )


def _stories_at_risk(params: Params) -> str:
    number = int(params["number"])
    local = datetime.fromisoformat(params["until"]).astimezone(zones.zone(params["timezone"]))
    which = "a story is live" if number == 1 else f"{number} stories are live"
    whose = "its viewers" if number == 1 else "the viewers of the oldest"
    return (
        f"Rollcall cannot sync this account now, and {which}. Instagram shows {whose} until about"
        f" {local.day} {local:%b %Y, %H:%M} {local.tzname()}; connect again before then, or that list is lost."
    )
