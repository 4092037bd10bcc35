-- The long statements of shared.store.profiles.overview.

-- name: history
with first_whole as (
  select min(observed_end) as at from public.list_runs
  where profile_id = %(profile)s and direction = 'follower' and verdict = 'whole'
), later as (
  select r.verdict = 'whole' as whole,
    (%(start)s::timestamptz is null or r.observed_end >= %(start)s) and r.observed_end <= %(end)s as is_now,
    r.observed_end >= %(before_start)s and r.observed_end <= %(before_end)s as is_before
  from public.list_runs r, first_whole f
  where r.profile_id = %(profile)s and r.direction = 'follower' and r.verdict in ('whole', 'partial')
    and r.observed_end > f.at
)
select (select at from first_whole) as first_whole, count(*) as later,
  count(*) filter (where is_now) as now_read, count(*) filter (where is_now and whole) as now_whole,
  count(*) filter (where is_before) as before_read, count(*) filter (where is_before and whole) as before_whole,
  exists (
    select from public.list_runs where profile_id = %(profile)s and direction = 'follower'
      and verdict in ('whole', 'partial')
  ) as people_known
from later

-- name: verdicts
select d.direction, r.verdict, r.reason, r.exact, r.seen, r.observed_end, w.observed_end as whole_at
from (values (1, 'follower'), (2, 'following')) d (place, direction)
cross join lateral (
  select verdict, reason, exact, seen, observed_end from public.list_runs
  where profile_id = %(profile)s and direction = d.direction and state = 'PUBLISHED'
  order by observed_end desc limit 1
) r
left join lateral (
  select observed_end from public.list_runs
  where profile_id = %(profile)s and direction = d.direction and verdict = 'whole'
  order by observed_end desc limit 1
) w on true
order by d.place
