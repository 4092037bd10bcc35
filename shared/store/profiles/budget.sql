-- The long statement of shared.store.profiles.budget.

-- name: needed
-- A list counts until its day comes, and while it is being read.
with budget as (
  select profile_id, per_day, case when day_ends > now() then day_ends else now() + interval '1 day' end as ends
  from public.request_budget
  where user_id = %(user_id)s and connection_id = %(connection_id)s and per_day > 0
), live as (
  select kind from public.sync_jobs where user_id = %(user_id)s and lane = %(connection_id)s
    and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')
)
select b.per_day, p.followers, p.following, p.media_count as media, b.ends - now() as remaining,
  exists (select from public.schedules s
    where s.profile_id = p.id and s.kind = 'SYNC_FOLLOWERS' and s.next_at < b.ends)
    or exists (select from live where kind in ('SYNC', 'SYNC_FOLLOWERS')) as follower_walk,
  exists (select from public.schedules s
    where s.profile_id = p.id and s.kind = 'SYNC_FOLLOWING' and s.next_at < b.ends)
    or exists (select from live where kind in ('SYNC', 'SYNC_FOLLOWING')) as following_walk
from budget b join public.profiles p on p.id = b.profile_id where p.user_id = %(user_id)s
