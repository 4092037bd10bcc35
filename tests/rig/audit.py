"""Holds what the database says of a profile against the world that the stand-in lives in.

`events` and `books` are right at every moment, whatever goes wrong; `state` once the trouble is over and a reading came
through. Each returns the differences as sentences; none means that nothing is wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from sandbox.world.population import FollowList
from sandbox.world.truth import media_row, story_row
from sandbox.world.world import World

Owner = psycopg.Connection[dict[str, Any]]
_SHOWN = 5

_SPANS: LiteralString = """
    select p.platform_id, s.direction, s.since, s.since_after, s.since_known, s.until, s.until_after, s.returned,
        s.why, s.looked_up_at
    from public.stays s join public.people p on p.id = s.person_id
    where s.profile_id = %s order by s.person_id, s.direction, s.since
"""
_PEOPLE: LiteralString = (
    "select platform_id, username, follows_me, i_follow from public.people where profile_id = %s"
    " and (follows_me or i_follow)"
)
_RUNS: LiteralString = """
    select r.id, r.direction, r.gained, r.lost,
        (select count(*) from public.stays s where s.start_run = r.id and s.since_known = 'between') as opened,
        (select count(*) from public.stays s where s.end_run = r.id) as closed
    from public.list_runs r where r.profile_id = %s and r.state = 'PUBLISHED'
"""
_STAYS: LiteralString = """
    select p.platform_id, d.direction,
        case d.direction when 'follower' then p.follows_me else p.i_follow end as shown,
        (select count(*) from public.stays s
          where s.person_id = p.id and s.direction = d.direction and s.until is null) as open
    from public.people p, (values ('follower'), ('following')) as d (direction) where p.profile_id = %s
"""
_MEDIA: LiteralString = """
    select platform_id, likes, comments, plays from public.media
    where profile_id = %s and kind <> 'story' and gone_at is null
"""
_GONE: LiteralString = (
    "select platform_id, gone_as from public.media where profile_id = %s and gone_at is not null and kind <> 'story'"
)
_STORIES: LiteralString = """
    select m.platform_id, coalesce(v.platform_id, '') as viewer
    from public.media m left join public.media_people v on v.media_id = m.id and v.role = 'viewer'
    where m.profile_id = %s and m.kind = 'story'
"""
_PROFILE: LiteralString = "select followers, following, media_count from public.profiles where id = %s"


@dataclass(frozen=True, slots=True)
class Past:
    """When each person of one list was in it: comings and goings, and who is there now."""

    events: dict[int, list[tuple[datetime, bool]]]
    now: frozenset[int] = field(repr=False)

    @classmethod
    def of(cls, follow_list: FollowList) -> "Past":
        return cls(follow_list.journal.history(), frozenset(follow_list.members))

    def was(self, pk: int, inside: bool, since: datetime | None, until: datetime) -> bool:
        """Whether `pk` was in the list (or, with `inside` False, out of it) at some moment from `since` to `until`."""
        told = self.events.get(pk)
        if not told:
            return (pk in self.now) is inside
        before = [came for at, came in told if since is not None and at <= since]
        first = before[-1] if before else not told[0][1]
        moved = [came for at, came in told if (since is None or at >= since) and at <= until]
        return inside in (first, *moved)

    def goings(self, pk: int) -> int:
        return sum(not came for _, came in self.events.get(pk, ()))


def events(conn: Owner, profile: UUID, world: World) -> list[str]:
    """Every leaving and coming that is told did happen between the moments that are told, and is told once."""
    pasts = dict(zip(("follower", "following"), map(Past.of, world.lists()), strict=True))
    wrong: list[str] = []
    ended: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for span in conn.execute(_SPANS, [profile]).fetchall():
        pk, past = int(span["platform_id"]), pasts[span["direction"]]
        who = f"{span['direction']} {pk}"
        if span["until"] is not None:
            ended.setdefault((span["direction"], pk), []).append(span)
            if not past.was(pk, False, span["until_after"], span["until"]):
                wrong.append(f"{who} is told as lost at {span['until']} and never left since {span['until_after']}")
        seen_at = span["looked_up_at"]
        if span["why"] in ("unfollowed", "gone") and not past.was(pk, False, seen_at, seen_at):
            wrong.append(f"{who} is told as {span['why']} at {seen_at} and was there")
        if span["since_known"] == "between" and not past.was(pk, False, span["since_after"], span["since"]):
            wrong.append(f"{who} is told as new at {span['since']} and was there since {span['since_after']}")
        if not past.was(pk, True, span["since_after"], span["until"] or world.now):
            wrong.append(f"{who} is told as there from {span['since']} and never was")
    for (direction, pk), stays in ended.items():
        if len(stays) > pasts[direction].goings(pk):
            wrong.append(f"{direction} {pk} is told as lost {len(stays)} times and left fewer times")
    return wrong + _gone_media(conn, profile, world)


def _gone_media(conn: Owner, profile: UUID, world: World) -> list[str]:
    """No piece is told as archived or deleted that is not."""
    true = {(str(post.pk), "archived") for post in world.archived} | {
        (str(post.pk), "deleted") for post in world.deleted
    }
    said = {(row["platform_id"], row["gone_as"]) for row in conn.execute(_GONE, [profile]).fetchall()}
    return [f"{kind} {pk} is told and is not so" for pk, kind in sorted(said - true)]


def books(conn: Owner, profile: UUID) -> list[str]:
    """What is stored twice agrees: each run's counts with its spans, each person with their open stays."""
    wrong = []
    for run in conn.execute(_RUNS, [profile]).fetchall():
        if (run["gained"], run["lost"]) != (run["opened"], run["closed"]):
            wrong.append(
                f"run {run['id']} says {run['gained']} gained and {run['lost']} lost;"
                f" its spans say {run['opened']} and {run['closed']}"
            )
    for stay in conn.execute(_STAYS, [profile]).fetchall():
        if stay["open"] != int(stay["shown"]):
            wrong.append(f"{stay['direction']} {stay['platform_id']} has {stay['open']} open stays")
    return wrong


def state(conn: Owner, profile: UUID, world: World) -> list[str]:
    """Both lists with usernames, the counters and the media are what the world has now."""
    wrong: list[str] = []
    for column, follow_list in zip(("follows_me", "i_follow"), world.lists(), strict=True):
        wrong += people(conn, profile, column, follow_list, world)
    profile_row = conn.execute(_PROFILE, [profile]).fetchone() or {}
    true_counts = (*(len(follow_list.members) for follow_list in world.lists()), len(world.posts))
    if (said_counts := tuple(profile_row.values())) != true_counts:
        wrong.append(f"the counters say {said_counts}, the world {true_counts}")
    return wrong + media(conn, profile, world) + stories(conn, profile, world)


def people(conn: Owner, profile: UUID, column: str, follow_list: FollowList, world: World) -> list[str]:
    """Those of whom `column` (`follows_me`, `i_follow`) is true are the list's members, under their present names."""
    rows = conn.execute(_PEOPLE, [profile]).fetchall()
    said = {(int(row["platform_id"]), row["username"]) for row in rows if row[column]}
    return _sets(column, said, {(person.pk, person.username) for person in world.population.listed(follow_list)})


def media(conn: Owner, profile: UUID, world: World) -> list[str]:
    """Every piece is there with its present likes, comments and plays."""
    said = {tuple(row.values()) for row in conn.execute(_MEDIA, [profile]).fetchall()}
    rows = (media_row(world, post) for post in world.posts)
    true = {(row["pk"], row["like_count"], row["comment_count"], row["play_count"]) for row in rows}
    return _sets("media", said, true)


def stories(conn: Owner, profile: UUID, world: World) -> list[str]:
    """Every story that is live is there, with all who viewed it."""
    said = {tuple(row.values()) for row in conn.execute(_STORIES, [profile]).fetchall()}
    live = [story_row(world, story) for story in world.stage.stories if story.is_live(world.now)]
    true = {(row["pk"], viewer) for row in live for viewer in [*map(str, row["viewers"])] or [""]}
    return _sets("stories", {row for row in said if row[0] in {pk for pk, _ in true}}, true)


def _sets(name: str, said: set[tuple[Any, ...]], true: set[tuple[Any, ...]]) -> list[str]:
    missing, extra = _some(true - said), _some(said - true)
    return [f"{name}: missing {missing}, too many {extra}"] if said != true else []


def _some(rows: Iterable[tuple[Any, ...]]) -> list[str]:
    shown = sorted(map(str, rows))
    return shown[:_SHOWN] + ([f"and {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else [])
