-- The statement of shared.store.profiles.connected.

-- name: connected
-- A connection's last sync is found by who entered its lane last; a data download has no lane.
select c.id, c.profile_id, p.platform, c.method, c.state, p.username, p.display_name, p.followers,
  p.media_count as posts, coalesce(s.ended_at, i.ended_at) as last_synced, c.expires_at
from public.connections c join public.profiles p on p.id = c.profile_id
left join lateral (
  select j.ended_at from public.sync_jobs j
  where j.lane = c.id and j.claim_no is not null and j.state = 'COMPLETED' and j.kind = any(%(kinds)s)
  order by j.claim_no desc limit 1
) s on true
left join lateral (
  select j.ended_at from public.sync_jobs j
  where c.method = 'data_download' and j.user_id = c.user_id and j.profile_id = c.profile_id and j.kind = 'IMPORT'
    and j.state = 'COMPLETED'
  order by j.seq desc limit 1
) i on true
where c.state <> 'REVOKED' and p.state <> 'DELETING' and (%(id)s::uuid is null or c.id = %(id)s)
order by p.created_at, p.id, c.created_at
