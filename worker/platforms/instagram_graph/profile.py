"""The account behind a token: its ids, its kind and its counters, by Instagram's login and by a page of Facebook."""

from __future__ import annotations

from dataclasses import dataclass

from shared.domain.social import Observation, PlatformId, ProfileFacts
from shared.errors import ReportRefused
from worker.platforms.http_api import Json
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.json_fields import count, items, line, need, text

_LEAST = "user_id,username,account_type,followers_count,follows_count,media_count"
_ALL = f"{_LEAST},name,biography,website"
# Facebook's host has neither `user_id` nor `account_type`: `id` is the account's there, and only professional ones are.
_LEAST_LINKED = "id,username,followers_count,follows_count,media_count"
_ALL_LINKED = f"{_LEAST_LINKED},name,biography,website"
_PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Account:
    """The account's facts; Instagram gives nothing of a personal account to an app.

    `scoped_id` is the account's id for this app alone.
    """

    facts: ProfileFacts
    is_personal: bool
    scoped_id: str | None = None


async def own_profile(api: GraphApi) -> Observation[Account]:
    """The token's account; asks for less where the platform does not know a field."""
    try:
        answer = await api.get("me", {"fields": _ALL})
    except ReportRefused:
        answer = await api.get("me", {"fields": _LEAST})
    return Observation(account(answer.value), answer.observed_at)


async def linked_profile(api: GraphApi, account_id: str) -> Observation[Account]:
    """The account that is linked to the token's page. Raises MediaGone where the page shows it no longer."""
    try:
        answer = await api.get(account_id, {"fields": _ALL_LINKED})
    except ReportRefused:
        answer = await api.get(account_id, {"fields": _LEAST_LINKED})
    return Observation(Account(_facts(answer.value, need(answer.value, "id")), False), answer.observed_at)


def account(body: Json) -> Account:
    """The account of an answer, flat or wrapped in `data`. Raises UnexpectedAnswer without id or name."""
    node = next(items(body, "data"), body)
    # The id that Instagram Login calls `user_id` is that of the professional account; `id` belongs to the app alone.
    return Account(_facts(node, _id(node)), (line(node, "account_type") or "").lower() == _PERSONAL, line(node, "id"))


def _facts(node: Json, account_id: str) -> ProfileFacts:
    return ProfileFacts(
        PlatformId(account_id),
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


def _id(node: Json) -> str:
    given = node.get("user_id")
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else need(node, "user_id")
