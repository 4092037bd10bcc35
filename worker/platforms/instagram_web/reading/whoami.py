"""Identifies the account of a session and proves that the session answers, which a cookie alone does not (IG-1.1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar
from urllib.parse import urlencode

from shared.domain.social import Observation, PlatformId, ProfileFacts
from shared.errors import SiteUnreachable, UnexpectedAnswer, UnknownUser
from worker.platforms.instagram_web.parsing import profile_and_lists
from worker.platforms.instagram_web.parsing.json_node import Node, missing
from worker.platforms.instagram_web.site.responses import Json

T = TypeVar("T")
_FORM = "/api/v1/accounts/edit/web_form_data/"


class Read(Protocol):
    """Asks for a path from a page and judges and parses the answer; raises the typed errors of `site.responses`."""

    async def __call__(self, path: str, referrer: str, parse_body: Callable[[Json], T], /) -> Observation[T]: ...


async def who_am_i(
    read: Read, check_session: Callable[[str], Awaitable[None]], own_id: PlatformId | None, page: str
) -> Observation[ProfileFacts]:
    """The logged-in account. One request where the profile by its own id answers, as it does for most.

    Otherwise the account's own form has the name; it redirects in a circle for some accounts, and
    `/api/v1/accounts/current_user/` no longer answers, so neither is asked first. Raises NeedsLogin, Challenged,
    RateLimited and Suspended as they are, and UnexpectedAnswer when a living session shows no name.
    """
    if own_id is not None:
        try:
            return await read(f"/api/v1/users/{own_id}/info/", page, lambda body: _own(body, own_id))
        except (UnexpectedAnswer, UnknownUser):
            pass
    try:
        name = (await read(_FORM, page, _form_name)).value
    except (UnexpectedAnswer, UnknownUser, SiteUnreachable) as error:
        await check_session(page)
        why = f" {error.sentence}" if isinstance(error, UnexpectedAnswer) else ""
        raise UnexpectedAnswer(f"Instagram does not say whose session this is.{why}") from None
    return await read(
        f"/api/v1/users/web_profile_info/?{urlencode({'username': name})}", page, profile_and_lists.profile
    )


def _own(body: Json, own_id: PlatformId) -> ProfileFacts:
    facts = profile_and_lists.profile(body)
    if facts.platform_id != own_id:
        raise UnexpectedAnswer("Instagram answered with another account's profile.")
    return facts


def _form_name(body: Json) -> str:
    form = Node(body).child("form_data")
    if form is None:
        raise missing("form_data")
    return form.need_text("username")
