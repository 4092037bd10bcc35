-- The long statement of shared.store.media.engagers.

-- name: add
-- Values that a row leaves out stay, and of two rows of one person the one with a name counts.
with shown as (
  select distinct on (platform_id) platform_id collate "C" as platform_id, username, full_name, has_liked
  from jsonb_to_recordset(%(rows)s) as r (platform_id text, username text, full_name text, has_liked boolean)
  order by platform_id, username = ''
), written as (
  insert into public.media_people as p (user_id, profile_id, media_id, role, platform_id, username, full_name,
    has_liked, first_seen_at, last_seen_at)
  select %(user_id)s, %(profile_id)s, %(media_id)s, %(role)s, platform_id, username, full_name, has_liked,
    %(at)s, %(at)s
  from shown order by platform_id
  on conflict (media_id, role, platform_id) do update set
    username = coalesce(nullif(excluded.username, ''), p.username),
    full_name = coalesce(excluded.full_name, p.full_name),
    has_liked = coalesce(excluded.has_liked, p.has_liked),
    last_seen_at = greatest(p.last_seen_at, excluded.last_seen_at)
  returning (xmax = 0) as is_new
)
select (select count(*) filter (where is_new) from written) + (
  select count(*) from public.media_people where media_id = %(media_id)s and role = %(role)s
) as known
