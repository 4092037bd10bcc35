"""The account behind a token of Instagram's login: its ids, its kind and its counters."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.social import Observation, PlatformId, ProfileFacts
from shared.errors import ReportRefused
from worker.platforms.http_api import Json
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.json_fields import count, items, line, need, text

_LEAST = "user_id,username,account_type,followers_count,follows_count,media_count"
_ALL = f"{_LEAST},name,biography,website"
_PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Account:
    """The account's facts; Instagram gives nothing of a personal account to an app."""

    facts: ProfileFacts
    is_personal: bool


async def own_profile(api: GraphApi) -> Observation[Account]:
    """The token's account; asks for less where the platform does not know a field."""
    try:
        answer = await api.get("me", {"fields": _ALL})
    except ReportRefused:
        answer = await api.get("me", {"fields": _LEAST})
    return Observation(account(answer.value), answer.observed_at)


def account(body: Json) -> Account:
    """The account of an answer, flat or wrapped in `data`. Raises UnexpectedAnswer without id or name."""
    node = next(items(body, "data"), body)
    # The id that Instagram Login calls `user_id` is that of the professional account; `id` belongs to the app alone.
    facts = ProfileFacts(
        PlatformId(_id(node)),
        need(node, "username"),
        display_name=line(node, "name"),
        biography=text(node, "biography"),
        external_url=line(node, "website"),
        is_private=False,
        is_professional=True,
        followers=count(node, "followers_count"),
        following=count(node, "follows_count"),
        media_count=count(node, "media_count"),
    )
    return Account(facts, (line(node, "account_type") or "").lower() == _PERSONAL)


def _id(node: Json) -> str:
    given = node.get("user_id")
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else need(node, "user_id")
