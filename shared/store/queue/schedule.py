"""Enqueues scheduled jobs. A profile's next times move on as its jobs are enqueued; a missed tick heals by itself."""

from __future__ import annotations

from typing import LiteralString

from shared.db.pools import WorkerConnection
from shared.domain.jobs import SCHEDULED_PRIORITY

# Starts are spread over a twentieth of the interval, ten minutes at most, so that profiles do not begin together.
_ENQUEUE_DUE: LiteralString = """
    with due as (
        select * from public.profiles
        where state = 'CONNECTED' and not schedule_paused and (cooldown_until is null or cooldown_until <= now())
            and least(next_profile_at, next_followers_at, next_following_at, next_media_at, next_stories_at,
                next_likers_at, next_check_at) <= now()
        order by least(next_profile_at, next_followers_at, next_following_at, next_media_at, next_stories_at,
            next_likers_at, next_check_at), id
        limit %(limit)s for no key update skip locked
    ), wanted as (
        select due.user_id, due.id as profile_id, kind, random() * least(every / 20, interval '10 minutes') as spread
        from due, lateral (values
            ('SYNC_PROFILE', next_profile_at, profile_every), ('SYNC_FOLLOWERS', next_followers_at, followers_every),
            ('SYNC_FOLLOWING', next_following_at, following_every), ('SYNC_MEDIA', next_media_at, media_every),
            ('SYNC_STORIES', next_stories_at, stories_every), ('SYNC_LIKERS', next_likers_at, likers_every),
            ('CHECK_SESSION', next_check_at, check_every)
        ) as plan (kind, next_at, every)
        where next_at <= now()
    ), moved as (
        update public.profiles p set updated_at = now(),
            next_profile_at =
                case when p.next_profile_at <= now() then now() + p.profile_every else p.next_profile_at end,
            next_followers_at =
                case when p.next_followers_at <= now() then now() + p.followers_every else p.next_followers_at end,
            next_following_at =
                case when p.next_following_at <= now() then now() + p.following_every else p.next_following_at end,
            next_media_at = case when p.next_media_at <= now() then now() + p.media_every else p.next_media_at end,
            next_stories_at =
                case when p.next_stories_at <= now() then now() + p.stories_every else p.next_stories_at end,
            next_likers_at = case when p.next_likers_at <= now() then now() + p.likers_every else p.next_likers_at end,
            next_check_at = case when p.next_check_at <= now() then now() + p.check_every else p.next_check_at end
        from due where p.id = due.id and p.user_id = due.user_id
    ), made as (
        insert into public.sync_jobs (user_id, profile_id, kind, priority, run_at)
        select user_id, profile_id, kind, %(priority)s, now() + spread from wanted
        on conflict do nothing returning id
    )
    select count(*) as made from made
"""


async def enqueue_due(conn: WorkerConnection, limit: int = 500) -> int:
    """Enqueues the due jobs of at most `limit` profiles and returns the number of new ones; safe to run in parallel.

    The longest due comes first, so that no profile is left out for good where more are due than one call takes.
    """
    row = await (await conn.execute(_ENQUEUE_DUE, {"limit": limit, "priority": SCHEDULED_PRIORITY})).fetchone()
    return 0 if row is None else int(row["made"])
