-- The long statements of shared.store.users.callbacks.

-- name: named
select c.id, c.user_id, c.profile_id, c.method, c.state, p.state as profile_state
from public.connections c join public.profiles p on p.id = c.profile_id
where p.platform = %(platform)s and c.method = %(method)s and c.login_id = %(login_id)s
order by c.id for update of c

-- name: end
update public.connections set state = 'EXPIRED', state_code = %(code)s, state_params = %(params)s, state_after = null,
    state_since = now(), secret = null, expires_at = null, updated_at = now()
where id = %(id)s and user_id = %(user_id)s and state <> 'REVOKED'

-- name: cancel
update public.sync_jobs set cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now(),
    state = case when state in ('PENDING', 'WAITING') then 'CANCELLED' else state end
where lane = %(id)s and user_id = %(user_id)s and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')

-- name: to_erase
select c.id, c.user_id, c.profile_id, c.method, p.state as profile_state,
    exists (select from public.connections o where o.profile_id = c.profile_id and o.id <> c.id) as has_others,
    exists (select from public.sync_jobs j where j.lane = c.id and j.state in ('RUNNING', 'NEEDS_INPUT')) as is_used
from public.connections c join public.profiles p on p.id = c.profile_id
where c.id = any(%s) order by c.id

-- name: own_media
delete from public.media where id = any(array(
    select m.id from public.media m join public.official_media o on o.media_id = m.id and o.source = %(source)s
    where m.user_id = %(user_id)s and m.profile_id = %(profile_id)s
        and not exists (select from public.official_media x where x.media_id = m.id and x.source <> %(source)s)
        and not exists (select from public.media_metrics x where x.media_id = m.id and x.source <> %(source)s)
    limit %(limit)s
))
