-- What the JSON interface, the cron addresses and the health checks ask of the database.

-- Ends one connection of a person, and its jobs with it; the profile's other connections stay. A token that a platform gave goes into a
-- job of its own, as `rollcall.disconnect` does it. False where the person has no such connection, or it has ended already.
create function rollcall.disconnect_connection(held uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  perform from public.connections c where c.id = held and c.user_id = auth.uid() and c.state <> 'REVOKED' for update;
  if not found then
    return false;
  end if;
  update public.sync_jobs j set cancel_requested_at = coalesce(j.cancel_requested_at, now()), updated_at = now(),
    state = case when j.state in ('PENDING', 'WAITING') then 'CANCELLED' else j.state end
   where j.lane = held and j.user_id = auth.uid() and j.state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT');
  insert into public.sync_jobs (user_id, kind, args, sealed, sealed_expires_at, max_attempts)
    select c.user_id, 'REVOKE', jsonb_build_object('platform', p.platform, 'way_in', c.method, 'connection_id', c.id), c.secret,
      now() + interval '2 days', 20
    from public.connections c join public.profiles p on p.id = c.profile_id
    where c.id = held and c.secret is not null and c.method not in ('browser', 'data_download');
  update public.connections set state = 'REVOKED', state_code = null, state_params = '{}', state_after = null, state_since = now(),
    secret = null, totp_secret = null, login_secret = null, updated_at = now()
   where id = held;
  return true;
end
$$;

-- The connection that a job used, so that each connection can name its last sync.
grant select (lane, claim_no) on public.sync_jobs to rollcall_person;

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
grant execute on function rollcall.disconnect_connection(uuid) to rollcall_person;
grant execute on function rollcall.cron_enqueue(text[], integer), rollcall.cron_results(uuid[]), rollcall.sync_health(interval),
  rollcall.account_count() to rollcall_web;
