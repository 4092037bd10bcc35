-- The statements of shared.store.media.media_insights.

-- name: save
insert into public.media_insights as i (media_id, source, metric, part, user_id, profile_id, value, captured_at)
select m.id, %(source)s, r.metric, r.part, m.user_id, m.profile_id, r.value, %(at)s
from jsonb_to_recordset(%(rows)s) as r (metric text, part text, value numeric)
join public.media m on m.id = %(media)s and m.user_id = %(user_id)s and m.profile_id = %(profile_id)s
on conflict (media_id, source, metric, part) do update
  set value = excluded.value, captured_at = excluded.captured_at, stored_at = now()
  where i.captured_at <= excluded.captured_at and i.user_id = excluded.user_id

-- name: counts
-- A count that moved becomes a row of the medium's history.
with before as (
  select id, reach, saves, shares from public.media
  where id = %(media)s and user_id = %(user_id)s and profile_id = %(profile_id)s
), moved as (
  update public.media m set reach = coalesce(%(reach)s::bigint, m.reach), saves = coalesce(%(saves)s::bigint, m.saves),
    shares = coalesce(%(shares)s::bigint, m.shares)
  from before b where m.id = b.id
  returning m.*
), history as (
  insert into public.media_metrics (media_id, captured_at, user_id, profile_id, source, likes, comments, plays,
    facebook_plays, views, saves, shares, reach)
  select m.id, %(at)s, m.user_id, m.profile_id, %(source)s, m.likes, m.comments, m.plays, m.facebook_plays, m.views,
    m.saves, m.shares, m.reach
  from moved m join before b on b.id = m.id
  where (m.reach, m.saves, m.shares) is distinct from (b.reach, b.saves, b.shares)
  on conflict (media_id, captured_at) do update set saves = excluded.saves, shares = excluded.shares,
    reach = excluded.reach
)
select kind, likes, comments, saves, shares, plays, views, reach, followers_at_post from moved
