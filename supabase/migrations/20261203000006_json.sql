-- What the JSON interface, the cron addresses and the health checks ask of the database.

-- Enqueues what is due of these kinds now, and returns these jobs and those of the kinds that are live already, up to `most` of each.
create function rollcall.cron_enqueue(of_kinds text[], most integer) returns setof uuid language sql security definer set search_path = '' as $$
  with due as (
    select s.profile_id, s.kind, s.user_id from public.schedules s
    where s.is_active and s.kind = any (of_kinds) and s.next_at <= now() and not exists (
      select from public.profiles p where p.id = s.profile_id and p.cooldown_until > now()
    )
    order by s.next_at limit most for no key update of s skip locked
  ), moved as (
    update public.schedules s set next_at = now() + s.every, updated_at = now()
    from due where s.profile_id = due.profile_id and s.kind = due.kind
  ), made as (
    insert into public.sync_jobs (user_id, profile_id, kind, priority) select user_id, profile_id, kind, 200 from due
    on conflict do nothing returning id
  ), live as (
    select j.id from public.sync_jobs j
    where j.kind = any (of_kinds) and j.state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT') order by j.seq limit most
  )
  select id from made union select id from live
$$;

-- How these jobs stand; one that was cancelled counts nowhere.
create function rollcall.cron_results(jobs uuid[]) returns table (completed bigint, failed bigint, pending bigint)
language sql stable security definer set search_path = '' as $$
  select count(*) filter (where j.state = 'COMPLETED'), count(*) filter (where j.state = 'FAILED'),
    count(*) filter (where j.state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT'))
  from public.sync_jobs j where j.id = any (jobs)
$$;

-- Enqueues a renewal for each connection whose access ends within the time that its provider declares, at most `most`, and returns these
-- jobs. A connection is looked at once in `look_every`, and once more at its end. The tick of a worker and a cron address call it.
create function rollcall.enqueue_renewals(of_platforms text[], of_methods text[], before interval[], look_every interval, most integer)
returns setof uuid language sql security definer set search_path = '' as $$
  with due as (
    select c.id, c.user_id, c.profile_id from public.connections c join public.profiles p on p.id = c.profile_id
      join unnest(of_platforms, of_methods, before) w (platform, method, before)
        on w.platform = p.platform and w.method = c.method
    where c.state = 'ACTIVE' and c.expires_at <= now() + w.before and p.state <> 'DELETING'
      and (c.refresh_looked_at is null or c.refresh_looked_at <= now() - look_every
        or c.expires_at <= now() and c.refresh_looked_at < c.expires_at)
      and not exists (
        select from public.sync_jobs j where j.lane = c.id and j.kind = 'RENEW_ACCESS'
          and j.state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')
      )
    order by c.expires_at limit most for no key update of c skip locked
  ), looked as (
    update public.connections c set refresh_looked_at = now() from due where c.id = due.id
  )
  insert into public.sync_jobs (user_id, profile_id, connection_id, kind, priority)
  select user_id, profile_id, id, 'RENEW_ACCESS', 200 from due
  returning id
$$;

-- How these renewals stand; one that ended well because there was nothing to renew yet counts nowhere.
create function rollcall.renewal_results(jobs uuid[]) returns table (completed bigint, failed bigint, pending bigint)
language sql stable security definer set search_path = '' as $$
  select count(*) filter (where j.state = 'COMPLETED' and c.refreshed_at >= j.started_at),
    count(*) filter (where j.state = 'FAILED'), count(*) filter (where j.state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT'))
  from public.sync_jobs j left join public.connections c on c.id = j.connection_id where j.id = any (jobs)
$$;

-- How the jobs of each platform that has profiles ended. A login is left out, because it fails by what a person types. The last success is
-- looked for in thirty days.
create function rollcall.sync_health(span interval)
returns table (platform text, completed bigint, failed bigint, last_success timestamptz)
language sql stable security definer set search_path = '' as $$
  with reading as (
    select k.name from rollcall.job_kinds k where k.has_lane and k.name <> 'LOGIN'
  ), ended as (
    select p.platform, count(*) filter (where j.state = 'COMPLETED') as completed, count(*) filter (where j.state = 'FAILED') as failed
    from public.sync_jobs j join reading r on r.name = j.kind join public.profiles p on p.id = j.profile_id
    where j.ended_at > now() - span group by p.platform
  )
  select known.platform, coalesce(e.completed, 0), coalesce(e.failed, 0), (
    select j.ended_at from public.sync_jobs j join reading r on r.name = j.kind join public.profiles p on p.id = j.profile_id
    where p.platform = known.platform and j.state = 'COMPLETED' and j.ended_at > now() - interval '30 days'
    order by j.ended_at desc limit 1
  )
  from (select distinct p.platform from public.profiles p) known left join ended e on e.platform = known.platform
  order by known.platform
$$;

-- How many accounts there are, without those that are being deleted.
create function rollcall.account_count() returns bigint language sql stable security definer set search_path = '' as $$
  select count(*) from auth.users u where not exists (select from rollcall.account_deletions e where e.user_id = u.id)
$$;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.enqueue_renewals(text[], text[], interval[], interval, integer) to rollcall_web, service_role;
grant execute on function rollcall.cron_enqueue(text[], integer), rollcall.cron_results(uuid[]), rollcall.renewal_results(uuid[]),
  rollcall.sync_health(interval), rollcall.account_count() to rollcall_web;
