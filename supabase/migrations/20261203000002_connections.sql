-- One profile with several connections: which way in does which kind of sync, the lanes that follow from it, and tokens that are renewed.

-- What each way in can do, the best way first. `rollcall migrate` fills it from `shared/db/declarations.py`.
create table rollcall.offered_kinds (
  platform text not null references rollcall.platforms (name),
  way_in text not null,
  kind text not null references rollcall.job_kinds (name),
  -- The smaller number is preferred.
  rank smallint not null,
  primary key (platform, kind, way_in)
);
alter table rollcall.offered_kinds enable row level security;
grant select on rollcall.offered_kinds to service_role;

-- Whether some connection that works offers the kind; a profile without such a connection has every kind of its platform.
alter table public.schedules add column is_offered boolean not null default true;

-- The id by which this way in names the account, where that is not the platform's own.
alter table public.connections add column account_id text;
-- When its token was last renewed, and when that was last looked at.
alter table public.connections add column refreshed_at timestamptz, add column refresh_looked_at timestamptz;
grant select (account_id, refreshed_at) on public.connections to rollcall_person;
-- What the look for tokens that end soon reads, once an hour.
create index connections_expires_idx on public.connections (expires_at) where state = 'ACTIVE' and expires_at is not null;
-- A page says of each connection what its jobs came to.
grant select (connection_id) on public.sync_jobs to rollcall_person;

-- The connection that a job of this kind uses: one that works and is in no cool-down, the official one first. NULL where no way in that
-- the profile has offers the kind. A session is checked that was not checked for the longest time.
create function rollcall.connection_for(of_profile uuid, of_kind text, by_way text default null, but uuid default null)
returns uuid language sql stable security definer set search_path = '' as $$
  select c.id from public.connections c join public.profiles p on p.id = c.profile_id
    left join rollcall.offered_kinds o on o.platform = p.platform and o.way_in = c.method and o.kind = of_kind
  where c.profile_id = of_profile and c.method <> 'data_download' and c.state <> 'REVOKED' and c.id is distinct from but
    and c.method = coalesce(by_way, c.method)
    and (o.kind is not null
      or not exists (select from rollcall.offered_kinds k where k.platform = p.platform and k.kind = of_kind))
  order by c.state = 'ACTIVE' desc, coalesce(c.cooldown_until > now(), false),
    case when of_kind = 'CHECK_SESSION' then c.checked_at end nulls first, o.rank, c.created_at
  limit 1
$$;

-- As before; the kind has its say in which connection a new job uses, and so may its arguments.
create or replace function rollcall.job_is_declared() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  declared rollcall.job_kinds;
begin
  select * into declared from rollcall.job_kinds k where k.name = new.kind;
  if not found then
    raise exception 'there is no job of kind %', new.kind using errcode = 'check_violation', hint = 'Run `rollcall migrate`.';
  end if;
  new.is_single := declared.is_single;
  new.connection_id := case when declared.has_lane then
    coalesce(new.connection_id, rollcall.connection_for(new.profile_id, new.kind, new.args ->> 'way_in')) end;
  new.lane := case when declared.has_lane and new.profile_id is not null then coalesce(new.connection_id, new.profile_id) end;
  return new;
end
$$;

-- As before; but a connection takes over only the jobs that it is chosen for.
create or replace function rollcall.jobs_follow_connection() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.sync_jobs set connection_id = new.id, lane = new.id
   where user_id = new.user_id and profile_id = new.profile_id and lane = new.profile_id
     and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')
     and rollcall.connection_for(profile_id, kind, args ->> 'way_in') = new.id;
  return null;
end
$$;

-- The waiting jobs of a connection that cannot be used any more go to another one that works and offers their kind; what is left stays.
create function rollcall.move_waiting(held uuid) returns integer language plpgsql security definer set search_path = '' as $$
declare
  moved integer;
begin
  with going as (
    select j.id, rollcall.connection_for(j.profile_id, j.kind, null, held) as there from public.sync_jobs j
     where j.lane = held and j.state in ('PENDING', 'WAITING') and j.kind <> 'RENEW_ACCESS' and not j.args ? 'way_in'
       and exists (select from rollcall.offered_kinds o where o.kind = j.kind)
       for update skip locked
  )
  update public.sync_jobs j set connection_id = g.there, lane = g.there, updated_at = now(),
    run_at = case when j.state = 'WAITING' then least(j.run_at, now()) else j.run_at end
    from going g join public.connections c on c.id = g.there and c.state = 'ACTIVE' where j.id = g.id;
  get diagnostics moved = row_count;
  return moved;
end
$$;

-- Schedules are of the kinds that some working connection offers. Of one profile, or of all of them when the declarations changed.
create function rollcall.offer_schedules(of_profile uuid default null) returns void language sql security definer set search_path = '' as $$
  update public.schedules s set is_offered = n.offered, updated_at = now(),
    is_active = n.offered and n.state = 'CONNECTED' and not n.schedule_paused
  from (
    select p.id, p.state, p.schedule_paused, t.kind,
      not exists (select from rollcall.offered_kinds k where k.platform = p.platform and k.kind = t.kind)
      or not exists (select from public.connections c
        where c.profile_id = p.id and c.state = 'ACTIVE' and c.method <> 'data_download')
      or exists (select from public.connections c
        join rollcall.offered_kinds k on k.platform = p.platform and k.way_in = c.method and k.kind = t.kind
        where c.profile_id = p.id and c.state = 'ACTIVE') as offered
    from public.profiles p join public.schedules t on t.profile_id = p.id
    where p.id = coalesce(of_profile, p.id)
  ) n
  where s.profile_id = n.id and s.kind = n.kind and s.is_offered <> n.offered
$$;

create function rollcall.schedules_follow_connections() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  perform rollcall.offer_schedules(case tg_op when 'DELETE' then old.profile_id else new.profile_id end);
  return null;
end
$$;
create trigger schedules_follow_connections after insert or delete or update of state on public.connections
  for each row execute function rollcall.schedules_follow_connections();

create or replace function rollcall.schedules_follow_profile() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.schedules set is_active = is_offered and new.state = 'CONNECTED' and not new.schedule_paused
    where profile_id = new.id and is_active <> (is_offered and new.state = 'CONNECTED' and not new.schedule_paused);
  return null;
end
$$;

-- As before; but a profile is in a cool-down while every connection that works is in one, whatever the others are.
create or replace function rollcall.profile_follows_connections() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  of_profile constant uuid := case tg_op when 'DELETE' then old.profile_id else new.profile_id end;
  best public.connections;
  derived text := 'DISCONNECTED';
  cool_until timestamptz;
  cool_code text;
begin
  select * into best from public.connections c where c.profile_id = of_profile and c.state <> 'REVOKED'
    order by c.state = 'PENDING', c.method = 'data_download',
      array_position(array['ACTIVE', 'COOLING_DOWN', 'CHALLENGED', 'EXPIRED'], c.state), c.created_at limit 1;
  if found then
    derived := case best.state when 'ACTIVE' then 'CONNECTED' when 'EXPIRED' then 'NEEDS_LOGIN' when 'PENDING' then 'CONNECTING'
      else best.state end;
  end if;
  select c.cooldown_until, c.cooldown_code into cool_until, cool_code from public.connections c
    where c.profile_id = of_profile and c.state <> 'REVOKED' and c.method <> 'data_download'
    order by c.state = 'ACTIVE' desc, c.cooldown_until nulls first limit 1;
  update public.profiles p set state = derived, state_code = best.state_code, state_params = coalesce(best.state_params, '{}'), cooldown_until = cool_until, cooldown_code = cool_code,
    state_since = case when p.state = derived then p.state_since else now() end, updated_at = now()
  where p.id = of_profile and p.state <> 'DELETING' and (p.state, p.state_code, p.state_params, p.cooldown_until, p.cooldown_code)
    is distinct from (derived, best.state_code, coalesce(best.state_params, '{}'), cool_until, cool_code);
  return null;
end
$$;

-- One of the person's connections ends, as `rollcall.disconnect` ends all of a profile. Its waiting jobs go to another connection, or are
-- cancelled. False where there is none to end.
create function rollcall.disconnect_one(connection uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  insert into public.sync_jobs (user_id, kind, args, sealed, sealed_expires_at, max_attempts)
    select c.user_id, 'REVOKE', jsonb_build_object('platform', p.platform, 'way_in', c.method, 'connection_id', c.id), c.secret,
      now() + interval '2 days', 20
    from public.connections c join public.profiles p on p.id = c.profile_id
    where c.id = connection and c.user_id = (select auth.uid()) and c.secret is not null
      and c.method not in ('browser', 'data_download');
  update public.connections set state = 'REVOKED', state_code = null, state_params = '{}', state_after = null, state_since = now(), secret = null,
    totp_secret = null, login_secret = null, expires_at = null, updated_at = now()
  where id = connection and user_id = (select auth.uid()) and state <> 'REVOKED';
  if not found then
    return false;
  end if;
  perform rollcall.move_waiting(connection);
  update public.sync_jobs set cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now(),
    state = case when state in ('PENDING', 'WAITING') then 'CANCELLED' else state end
  where lane = connection and user_id = (select auth.uid()) and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT');
  return true;
end
$$;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.disconnect_one(uuid) to rollcall_person;
grant execute on function rollcall.connection_for(uuid, text, text, uuid), rollcall.move_waiting(uuid) to service_role;
