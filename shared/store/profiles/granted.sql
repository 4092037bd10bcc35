-- The long statements of shared.store.profiles.granted.

-- name: find
with known as (
    select p.id, p.state, p.username, coalesce(p.external_id, min(c.account_id)) as any_id,
        case when %(has_own_id)s then
            case when bool_or(c.account_id = %(platform_id)s) then %(platform_id)s else min(c.account_id) end
        else p.external_id end as external_id
    from public.profiles p left join public.connections c
        on c.profile_id = p.id and c.account_id is not null
            and (c.method = any(%(own_ids)s) or not %(has_own_id)s)
    where p.user_id = %(user_id)s and p.platform = %(platform)s
    group by p.id
)
select id, state, username, external_id, any_id from known
where external_id = %(platform_id)s or lower(username) = lower(%(username)s)
order by external_id is not distinct from %(platform_id)s desc limit 1
