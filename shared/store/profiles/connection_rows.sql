-- The long statements of shared.store.profiles.connection_rows.

-- name: rows
select c.id, c.profile_id, p.platform, p.username, rollcall.zone(p.timezone) as timezone, c.method, c.state,
    c.state_code, c.state_params, c.state_since, c.cooldown_until, c.scopes, c.expires_at, c.refreshed_at,
    c.created_at, synced.ended_at as synced_at, failed.error_code, failed.error_params, failed.ended_at as failed_at
from public.connections c join public.profiles p on p.id = c.profile_id
left join lateral (
    select j.ended_at from public.sync_jobs j
    where j.user_id = c.user_id and j.profile_id = c.profile_id and j.connection_id = c.id
        and j.state = 'COMPLETED' and j.kind like 'SYNC%%'
    order by j.seq desc limit 1
) synced on true
left join lateral (
    select j.error_code, j.error_params, j.ended_at from public.sync_jobs j
    where j.user_id = c.user_id and j.profile_id = c.profile_id and j.connection_id = c.id
        and j.state = 'FAILED'
    order by j.seq desc limit 1
) failed on true
where p.id = coalesce(%(profile_id)s, p.id) and p.state <> 'DELETING' and c.state <> 'REVOKED'
order by p.created_at, p.id, c.method = 'data_download', c.created_at
