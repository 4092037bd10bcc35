"""Fits a profile's schedule to its size and budget, and ends a cool-down when its owner asks."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from shared.db.pools import WebConnection, WorkerConnection
from shared.domain.job_kinds import SESSION_KINDS, STARTABLE
from shared.domain.jobs import JobKind
from shared.domain.plan import Plan

_READ_BY_SYNC = frozenset(
    {
        JobKind.SYNC_PROFILE,
        JobKind.SYNC_FOLLOWERS,
        JobKind.SYNC_FOLLOWING,
        JobKind.SYNC_MEDIA,
        JobKind.SYNC_STORIES,
    }
)
_FAILED_SINCE: LiteralString = """
    select distinct kind from public.sync_jobs
    where user_id = (select user_id from public.profiles where id = %(profile)s) and profile_id = %(profile)s
        and state = 'FAILED' and ended_at >= %(since)s and kind = any(%(kinds)s)
"""

_FOLLOW_PLAN: LiteralString = """
    with planned as (
        select id,
            case when 'profile' = any (automatic) then %(profile)s else profile_every end as profile,
            case when 'followers' = any (automatic) then %(followers)s else followers_every end as followers,
            case when 'following' = any (automatic) then %(following)s else following_every end as following,
            case when 'media' = any (automatic) then %(media)s else media_every end as media,
            case when 'stories' = any (automatic) then %(stories)s else stories_every end as stories,
            case when 'likers' = any (automatic) then %(likers)s else likers_every end as likers
        from public.profiles where id = %(id)s and user_id = %(user_id)s
    )
    update public.profiles p set updated_at = now(),
        profile_every = w.profile, next_profile_at = p.next_profile_at + (w.profile - p.profile_every),
        followers_every = w.followers, next_followers_at = p.next_followers_at + (w.followers - p.followers_every),
        following_every = w.following, next_following_at = p.next_following_at + (w.following - p.following_every),
        media_every = w.media, next_media_at = p.next_media_at + (w.media - p.media_every),
        stories_every = w.stories, next_stories_at = p.next_stories_at + (w.stories - p.stories_every),
        likers_every = w.likers, next_likers_at = p.next_likers_at + (w.likers - p.likers_every)
    from planned w where p.id = w.id
        and (w.profile, w.followers, w.following, w.media, w.stories, w.likers) is distinct from (p.profile_every,
            p.followers_every, p.following_every, p.media_every, p.stories_every, p.likers_every)
"""


async def follow_plan(conn: WorkerConnection, user_id: UUID, profile_id: UUID, chosen: Plan) -> None:
    """Sets the plan's intervals for the automatic kinds; a sync due after the old one becomes due after the new one."""
    await conn.execute(_FOLLOW_PLAN, {"id": profile_id, "user_id": user_id} | asdict(chosen))


def end_cooldown(conn: WebConnection, profile_id: UUID) -> bool:
    """Ends the profile's cool-down for its owner, and lets its waiting jobs continue; False without a cool-down."""
    row = conn.execute("select rollcall.end_rest(%s) as ended", [profile_id]).fetchone()
    return row is not None and bool(row["ended"])


def missed(conn: WebConnection, profile_id: UUID, since: datetime) -> set[JobKind]:
    """Returns the kinds of sync that failed since then; a SYNC stands for every kind that it reads."""
    wanted = {"profile": profile_id, "since": since, "kinds": sorted(STARTABLE & SESSION_KINDS)}
    failed = {JobKind(row["kind"]) for row in conn.execute(_FAILED_SINCE, wanted)}
    return failed - _READ_BY_SYNC if JobKind.SYNC in failed else failed
