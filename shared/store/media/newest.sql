-- The statement of shared.store.media.newest.

-- name: newest
-- Each profile brings its own newest, so that its index finds them.
select m.*, p.id as profile_id, p.platform, p.username, p.timezone
from public.profiles p
cross join lateral (
  select m.id, m.platform_id, m.kind, m.permalink, m.caption, m.posted_at, m.likes, m.comments, m.plays, m.views,
    m.saves, m.shares, m.reach, m.metrics_at, m.er_formula, m.er_numerator, m.er_denominator
  from public.media m
  where m.user_id = p.user_id and m.profile_id = p.id and m.kind <> 'story' and m.gone_at is null
    and m.posted_at is not null
  order by m.posted_at desc, m.id desc limit %(limit)s
) m
where p.state <> 'DELETING' and (%(profile)s::uuid is null or p.id = %(profile)s)
order by m.posted_at desc, m.id desc limit %(limit)s
