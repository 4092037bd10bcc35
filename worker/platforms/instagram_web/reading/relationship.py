"""Asks about one person who is missing from the follower list: still there, unfollowed, gone, or not known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from shared.domain.social import LookedUp, Observation, PlatformId, Standing
from shared.errors import UnexpectedAnswer, UnknownUser
from worker.platforms.instagram_web.parsing import profile_and_lists
from worker.platforms.instagram_web.parsing.json_node import Node
from worker.platforms.instagram_web.site.responses import Answer, Json

T = TypeVar("T")


class Judged(Protocol):
    """Judges an answer and parses its body; raises the typed errors of `site.responses`."""

    async def __call__(self, answer: Answer, referrer: str, parse_body: Callable[[Json], T], /) -> Observation[T]: ...


async def look_up(
    ask: Callable[[str, str], Awaitable[Answer]], judged: Judged, person: PlatformId, username: str
) -> Observation[LookedUp]:
    """Two requests by id (IG-10.2: `users/{pk}/info`, `friendships/show/{pk}`), one where the person is gone.

    A list's answer is personalised and may leave people out; `followed_by` is about this one person.
    """
    referrer = f"/{username}/"
    answer = await ask(f"/api/v1/users/{person}/info/", referrer)
    try:
        name = (await judged(answer, referrer, profile_and_lists.profile)).value.username
    except UnknownUser:
        return Observation(LookedUp(Standing.GONE), answer.time())
    except UnexpectedAnswer:
        return Observation(LookedUp(Standing.UNKNOWN), answer.time())
    answer = await ask(f"/api/v1/friendships/show/{person}/", referrer)
    try:
        return await judged(answer, referrer, lambda body: LookedUp(_standing(body), name))
    except (UnknownUser, UnexpectedAnswer):
        return Observation(LookedUp(Standing.UNKNOWN, name), answer.time())


def _standing(body: Json) -> Standing:
    follows = Node(body).flag("followed_by")
    if follows is None:
        return Standing.UNKNOWN
    return Standing.FOLLOWS if follows else Standing.UNFOLLOWED
