-- The long statement of shared.store.profiles.counters.

-- name: record
insert into public.profile_counts as c (profile_id, captured_at, user_id, source, followers, following, media)
select p.id, %(at)s, p.user_id, %(source)s, %(followers)s, %(following)s, %(media)s
from public.profiles p
where p.id = %(profile_id)s and p.user_id = %(user_id)s and not exists (
  select from (
    select captured_at, followers, following, media from public.profile_counts
    where user_id = %(user_id)s and profile_id = %(profile_id)s order by captured_at desc limit 1
  ) last
  where last.captured_at > %(at)s or (
    (last.captured_at at time zone rollcall.zone(p.timezone))::date
      = (%(at)s::timestamptz at time zone rollcall.zone(p.timezone))::date
    and (last.followers, last.following, last.media)
      is not distinct from (%(followers)s::bigint, %(following)s::bigint, %(media)s::bigint)
  )
)
on conflict (profile_id, captured_at) do update set
  followers = excluded.followers, following = excluded.following, media = excluded.media
