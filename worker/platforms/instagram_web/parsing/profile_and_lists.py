"""Parses the answers of Instagram's web, one function each, in every form. Pure: JSON in, values out.

Profiles and people are read here, in these forms: REST (`users`, `user`), web_profile_info (`data.user` with `edge_*`),
XDT GraphQL, legacy GraphQL. The other functions are those of the modules beside this one.
"""

from __future__ import annotations

from dataclasses import replace

from shared.domain.social import PeoplePage, ProfileFacts
from shared.errors import ListNotVisible, UnknownUser
from worker.platforms.instagram_web.parsing.json_node import Node, cursor, end_cursor, missing, nodes_of, root_of
from worker.platforms.instagram_web.parsing.media import clips_page, media_info, media_page
from worker.platforms.instagram_web.parsing.person import person
from worker.platforms.instagram_web.parsing.stories import likers, stories, story_viewers
from worker.platforms.instagram_web.site.refusal_reasons import refusal_text
from worker.platforms.instagram_web.site.responses import classify

__all__ = [
    "classify",
    "clips_page",
    "likers",
    "media_info",
    "media_page",
    "people_page",
    "profile",
    "stories",
    "story_viewers",
]
Json = dict[str, object]
_LISTS = ("followers", "following")
_LEGACY_LISTS = ("edge_followed_by", "edge_follow")
_PROFESSIONAL = frozenset({2, 3})


def profile(body: Json) -> ProfileFacts:
    """The profile of either answer. Raises UnknownUser on `user: null`, UnexpectedAnswer without id or name."""
    root = root_of(body)
    around = root.child("data") or root.child("graphql") or root
    user = around.child("user")
    if user is None:
        if "user" in around.fields and around.fields["user"] is None:
            raise UnknownUser
        raise missing(around.at("user"))
    return ProfileFacts(
        platform_id=user.need_id("pk_id", "pk", "id"),
        username=user.need_text("username"),
        display_name=user.text("full_name"),
        biography=user.text("biography"),
        category=user.text("category_name", "category"),
        external_url=user.text("external_url"),
        is_private=user.flag("is_private"),
        is_verified=user.flag("is_verified"),
        is_professional=_is_professional(user),
        followers=_counter(user, "follower_count", "edge_followed_by"),
        following=_counter(user, "following_count", "edge_follow"),
        media_count=_counter(user, "media_count", "edge_owner_to_timeline_media"),
    )


def people_page(body: Json) -> PeoplePage:
    """One page of a follower or following list; its end is an absent cursor, whatever `has_more` says.

    `limited` is set where the platform says so, where it counts people but shows none, and where the list ends in an
    answer that names a fault. Raises ListNotVisible on a null connection, UnexpectedAnswer naming the path when there
    is no list or a row has no id or name.
    """
    page = _people(body)
    # A part of this answer failed, so its end may not be the list's.
    return replace(page, limited=True) if refusal_text(body) and page.next_cursor is None else page


def _people(body: Json) -> PeoplePage:
    root = root_of(body)
    if root.has_list("users"):
        return PeoplePage(
            people=tuple(person(row) for row in root.children("users")),
            next_cursor=cursor(body.get("next_max_id")),
            limited=root.flag("should_limit_list_of_followers") is True,
        )
    data = root.child("data")
    if data is None:
        raise missing("users")
    return _connection_page(_connection(data))


def _connection_page(connection: Node) -> PeoplePage:
    if not connection.has_list("edges"):
        raise missing(connection.at("edges"))
    people = tuple(person(row) for row in nodes_of(connection))
    further = end_cursor(connection)
    withheld = not people and further is None and bool(connection.count("count"))
    return PeoplePage(people, further, withheld or connection.flag("should_limit_list_of_followers") is True)


def _connection(data: Node) -> Node:
    for direction in _LISTS:
        key = f"xdt_api__v1__friendships__{direction}__connection"
        if key in data.fields:
            return _visible(data, key)
    user = data.child("user")
    for key in _LEGACY_LISTS:
        if user is not None and key in user.fields:
            return _visible(user, key)
    raise missing("data.user.edge_followed_by" if user is not None else "users")


def _visible(around: Node, key: str) -> Node:
    connection = around.child(key)
    if connection is None:
        raise ListNotVisible
    return connection


def _counter(user: Node, plain: str, edge: str) -> int | None:
    count = user.count(plain)
    counted = user.child(edge)
    return count if count is not None or counted is None else counted.count("count")


def _is_professional(user: Node) -> bool | None:
    """Account type 1 is personal, 2 business, 3 creator."""
    refusal_text = user.flag("is_professional_account")
    kind = user.count("account_type")
    if refusal_text is not None or kind is None:
        return refusal_text
    return kind in _PROFESSIONAL
