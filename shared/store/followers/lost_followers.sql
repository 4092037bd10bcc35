-- The long statement of shared.store.followers.lost_followers.

-- name: withdraw
-- Undoes the loss. The classes of people follow; the days from then on are derived
-- again, so their rows have to go.
with was as (
  select s.id, s.person_id, s.since, s.until, s.end_run from public.stays s
  where s.id = %(span)s and s.user_id = %(user_id)s and s.profile_id = %(profile_id)s and s.until is not null
    and not exists (select from public.stays o
      where o.person_id = s.person_id and o.direction = s.direction and o.until is null)
), reopened as (
  update public.stays s
  set until = null, until_after = null, until_known = null, end_run = null, why = null, looked_up_at = %(at)s
  from was where s.id = was.id returning was.person_id, was.since, was.until, was.end_run
), run as (
  update public.list_runs r set lost = greatest(r.lost - 1, 0) from reopened
  where r.id = reopened.end_run and r.user_id = %(user_id)s
), days as (
  delete from public.profile_days d using reopened, public.profiles o
  where o.id = %(profile_id)s and d.user_id = %(user_id)s and d.profile_id = o.id
    and d.day >= (reopened.until at time zone rollcall.zone(o.timezone))::date
), back as (
  update public.people p set follows_me = true, follows_me_since = reopened.since, updated_at = %(at)s
  from reopened where p.id = reopened.person_id and p.user_id = %(user_id)s returning p.i_follow
)
update public.profiles p set mutual_count = p.mutual_count + back.i_follow::int,
  fan_count = p.fan_count + (not back.i_follow)::int,
  not_following_back_count = p.not_following_back_count - back.i_follow::int
from back where p.id = %(profile_id)s and p.user_id = %(user_id)s
