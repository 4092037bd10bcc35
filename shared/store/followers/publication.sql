-- The statements that publishing a walk and publishing an imported list share, in the order in which they run.
-- Each one filters by user and profile. The columns of people of one list stand in braces.

-- name: settings
-- Sorting a million people on disk would take longer than writing them. Right after a first list the planner has no
-- statistics, takes a million people for one, and would compare each with each; hashing is always close to the best.
-- Words of names wait in their index's pending list, found there all the same, until autovacuum files them in bulk.
set local work_mem = '64MB'; set local enable_nestloop = off; set local gin_pending_list_limit = '256MB'

-- name: staged
create temporary table staged (
  platform_id text collate "C", username text collate "C", full_name text, is_private boolean,
  is_verified boolean, page integer, place bigint,
  person_id bigint, follows boolean, old_username text, changed boolean
) on commit drop

-- name: seen_again
update public.stays f set missing_since = null, until_after = null
from staged s where s.person_id = f.person_id and f.until is null and f.missing_since is not null
  and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s and f.direction = %(direction)s

-- name: lost
-- A missing person was last seen no earlier than the start of the last whole list or of their first run. A person
-- who was in each whole list before is missed now.
with absent as (
  select p.id from public.people p
  where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows}
    and {is_absent}
), gone as (
  update public.stays f set until = greatest(coalesce(f.missing_since, %(at)s), f.since),
    until_after = coalesce(f.until_after, greatest(%(after)s,
      (select r.observed_start from public.list_runs r where r.id = f.start_run))),
    until_known = 'between', missing_since = null, end_run = %(run)s
  from absent a
  where f.person_id = a.id and f.direction = %(direction)s and f.until is null
    and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s
    and coalesce(f.missing_since, %(at)s) <= %(missed_by)s
  returning f.person_id
)
update public.people p set {follows} = false, {follows_since} = null, updated_at = %(at)s
from gone where p.id = gone.person_id and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s

-- name: missing
update public.stays f set missing_since = %(at)s,
  until_after = greatest(%(after)s, (select r.observed_start from public.list_runs r where r.id = f.start_run))
from public.people p
where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows} and {is_absent}
  and f.person_id = p.id and f.direction = %(direction)s and f.until is null and f.missing_since is null
  and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s

-- name: drop
drop table staged

-- name: both_whole
select count(*) filter (where verdict = 'whole') = 2 from (
  select distinct on (direction) verdict from public.list_runs
  where user_id = %(user_id)s and profile_id = %(profile_id)s and state = 'PUBLISHED'
  order by direction, ended_at desc
) newest

-- name: count
select count(*) filter (where follows_me and i_follow) as mutual, count(*) filter (where not i_follow) as fans,
  count(*) filter (where not follows_me) as not_following_back
from public.people
where user_id = %(user_id)s and profile_id = %(profile_id)s and (follows_me or i_follow)

-- name: profile
update public.profiles set observed_at = greatest(observed_at, %(at)s), updated_at = now(),
  mutual_count = %(mutual)s, fan_count = %(fans)s, not_following_back_count = %(not_following_back)s
where id = %(profile_id)s and user_id = %(user_id)s
