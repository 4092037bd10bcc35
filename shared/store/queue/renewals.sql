-- The long statement of shared.store.queue.renewals.

-- name: enqueue_due
with due as (
  select c.id, c.user_id, c.profile_id from public.connections c join public.profiles p on p.id = c.profile_id
    join unnest(%(platforms)s::text[], %(methods)s::text[], %(before)s::interval[]) w (platform, method, before)
      on w.platform = p.platform and w.method = c.method
  where c.state = 'ACTIVE' and c.expires_at <= now() + w.before and p.state <> 'DELETING'
    and (c.refresh_looked_at is null or c.refresh_looked_at <= now() - %(look_every)s
      or c.expires_at <= now() and c.refresh_looked_at < c.expires_at)
    and not exists (
      select from public.sync_jobs j where j.lane = c.id and j.kind = 'RENEW_ACCESS'
        and j.state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')
    )
  order by c.expires_at limit %(limit)s for no key update of c skip locked
), looked as (
  update public.connections c set refresh_looked_at = now() from due where c.id = due.id
), made as (
  insert into public.sync_jobs (user_id, profile_id, connection_id, kind, priority)
  select user_id, profile_id, id, 'RENEW_ACCESS', %(priority)s from due
  returning id
)
select count(*) as made from made
