"""Reads the follower and following lists by each endpoint: REST list, GraphQL connection, the page's own dialog."""

from __future__ import annotations

from shared.domain.social import EndpointId, Observation, PeoplePage
from shared.errors import ListNotVisible, UnexpectedAnswer
from shared.platforms import instagram
from worker.platforms.instagram_web.parsing import profile_and_lists
from worker.platforms.instagram_web.reading.dialog import ListDialog
from worker.platforms.instagram_web.reading.graphql import FollowListQuery, List
from worker.platforms.instagram_web.reading.relationship import Judged
from worker.platforms.instagram_web.site.page import SitePage

# The requested size; about 25 followers come whatever it is (docs/platforms/instagram.md, IG-5.2).
_QUERY = "count=50&search_surface=follow_list_page"


class FollowLists:
    """Both lists of the logged-in account. A cursor works only on the endpoint that gave it."""

    def __init__(self, site: SitePage, judged: Judged) -> None:
        self._site, self._judged = site, judged
        self._query = FollowListQuery(site)
        self._dialog = ListDialog(site.second_page())

    async def page(self, endpoint: EndpointId, which: List, cursor: str | None) -> Observation[PeoplePage]:
        """One page of a list by an endpoint; raises the errors of `worker.platforms.base.ReadsPeople`."""
        match endpoint:
            case instagram.REST:
                path = f"/api/v1/friendships/{which.owner}/{which.name}/?{_QUERY}"
                answer = await self._site.ask_list(path, which.referrer, cursor)
                return await self._judged(answer, which.referrer, profile_and_lists.people_page)
            case instagram.GRAPHQL:
                answer = await self._query.ask(which, cursor)
            case instagram.DIALOG:
                answer = await self._dialog.answer(which, cursor)
            case _:
                raise LookupError(f"Instagram has no endpoint {endpoint}")
        try:
            return await self._judged(answer, which.referrer, profile_and_lists.people_page)
        except ListNotVisible:
            # An account may always see its own list: a null connection means that the query is retired.
            raise UnexpectedAnswer("Instagram's answer holds no list.") from None
