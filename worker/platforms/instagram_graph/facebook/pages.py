"""A person's pages on Facebook, the Instagram accounts that are linked to them, and a page's token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from shared.domain.social import PlatformId
from shared.errors import MediaGone, NoAccountOffered, PageAccessLost, PermissionMissing, ReportRefused
from worker.platforms.http_api import Json
from worker.platforms.instagram_graph.client import GraphApi
from worker.platforms.instagram_graph.facebook.token import PageAccess
from worker.platforms.instagram_graph.media import next_cursor
from worker.platforms.json_fields import child, items, line, need

_FIELDS = "id,name,access_token,instagram_business_account{id,username,name}"
_PAGE = "100"
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An Instagram account by the page that it is linked to."""

    access: PageAccess
    platform_id: PlatformId
    username: str
    name: str | None


async def linked_accounts(api: GraphApi) -> list[LinkedAccount]:
    """The professional accounts of the pages that the person allowed.

    Raises NoAccountOffered with its reason: there is no page, none has an account, or only a personal one.
    """
    pages = [page async for page in _pages(api, _FIELDS)]
    found = [one for page in pages if (one := _account(page)) is not None]
    if found:
        return found
    if not pages:
        raise NoAccountOffered().as_variant("page")
    raise NoAccountOffered().as_variant("personal" if await _has_personal(api) else "business")


async def page_token(api: GraphApi, page_id: str) -> str:
    """A new token of a page. Raises PageAccessLost where the person has the page no longer."""
    try:
        body = (await api.get(page_id, {"fields": "access_token"})).value
    except (MediaGone, PermissionMissing):
        raise PageAccessLost from None
    found = line(body, "access_token")
    if found is None:
        raise PageAccessLost
    return found


async def _pages(api: GraphApi, fields: str) -> AsyncIterator[Json]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        query = {"fields": fields, "limit": _PAGE} | ({"after": cursor} if cursor else {})
        body = (await api.get("me/accounts", query)).value
        for page in items(body, "data"):
            yield page
        cursor = next_cursor(body, cursor)
        if cursor is None:
            return


def _account(page: Json) -> LinkedAccount | None:
    """The account of a page; None for a page without one, or whose token the person's role does not give."""
    linked, token = child(page, "instagram_business_account"), line(page, "access_token")
    if not linked or token is None:
        return None
    account_id = need(linked, "id")
    access = PageAccess(need(page, "id"), account_id, token)
    return LinkedAccount(access, PlatformId(account_id), need(linked, "username"), line(linked, "name"))


async def _has_personal(api: GraphApi) -> bool:
    """Whether a page has an account of any kind; where Meta does not say it, that is not known."""
    try:
        pages = [page async for page in _pages(api, "id,connected_instagram_account")]
    except ReportRefused:
        return False
    return any(child(page, "connected_instagram_account") for page in pages)
