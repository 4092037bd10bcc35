-- The accounts that a user follows up, the ways into them, and how much each has asked the platform for.

-- Time zones that this database knows. Its list is the system's, and Debian leaves out the old names that Python knows;
-- `at time zone` raises for a name that is not in it.

-- The first of these names that can be used here, else UTC. Trying a name is far cheaper than reading pg_timezone_names.
create function rollcall.zone(variadic names text[]) returns text language plpgsql stable set search_path = '' as $$
declare
  name text;
begin
  foreach name in array names loop
    begin
      if name is not null then
        perform now() at time zone name;
        return name;
      end if;
    exception when invalid_parameter_value then
      null;
    end;
  end loop;
  return 'UTC';
end
$$;
grant execute on function rollcall.zone(text[]) to rollcall_person, rollcall_web, rollcall_worker, service_role;

-- Who signs in, and which accounts they follow up.
create table public.profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  platform text not null references rollcall.platforms (name),
  username text not null check (username <> ''),
  external_id text,
  display_name text,
  biography text,
  category text,
  external_url text,
  is_private boolean,
  is_verified boolean,
  is_professional boolean,
  followers bigint,
  following bigint,
  media_count bigint,
  -- Counts of people by kind; NULL until the lists that they need were read whole.
  mutual_count bigint,
  fan_count bigint,
  not_following_back_count bigint,
  timezone text not null default 'UTC',
  -- The state and the cool-down follow from the connections (`rollcall.profile_follows_connections`); DELETING alone is the profile's own.
  state text not null default 'CONNECTING'
    check (state in ('CONNECTING', 'CONNECTED', 'NEEDS_LOGIN', 'CHALLENGED', 'COOLING_DOWN', 'DISCONNECTED', 'DELETING')),
  -- Why, as the code of an error with its parameters (`shared/error_text.py`).
  state_code text,
  state_params jsonb not null default '{}',
  -- When it went into this state.
  state_since timestamptz not null default now(),
  -- Until when no connection may be used, and the code of the error that caused it.
  cooldown_until timestamptz,
  cooldown_code text,
  -- The platform's own time of the newest reading.
  observed_at timestamptz,
  schedule_paused boolean not null default false,
  -- Raised by every transaction that publishes something of the profile, so that a page knows whether there is anything new.
  version bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index profiles_user_username_key on public.profiles (user_id, platform, lower(username));
create unique index profiles_user_external_key on public.profiles (user_id, platform, external_id)
  where external_id is not null;
alter table public.profiles enable row level security;
revoke all on public.profiles from anon, authenticated;
-- What /metrics and the operator's pages count. Everything here returns numbers only, and is for the web's own role alone: a person's
-- transaction cannot call it, and nothing of anybody's data leaves it.
create index profiles_cooldown_idx on public.profiles (cooldown_until) where cooldown_until is not null;
create policy profiles_select on public.profiles for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
create policy profiles_insert on public.profiles for insert to rollcall_person with check ((select auth.uid()) = user_id);
create policy profiles_update on public.profiles for update to rollcall_person
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy profiles_delete on public.profiles for delete to rollcall_person using ((select auth.uid()) = user_id);
grant select on public.profiles to rollcall_person;
grant insert (user_id, platform, username, timezone) on public.profiles to rollcall_person;
grant update (timezone, state, state_code, state_params, state_since, schedule_paused, updated_at) on public.profiles to rollcall_person;
grant all on public.profiles to service_role;

-- How often each kind of sync of a profile is due, and when next.
create table public.schedules (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null references rollcall.job_kinds (name),
  user_id uuid not null references auth.users (id) on delete cascade,
  every interval not null check (every >= '1 hour'),
  -- NULL while it is not scheduled.
  next_at timestamptz,
  -- The interval follows the account's size and the budget; a person's own choice ends that.
  is_automatic boolean not null default false,
  -- Whether the profile is connected and its schedule not paused; the profile's triggers say so.
  is_active boolean not null default false,
  updated_at timestamptz not null default now(),
  primary key (profile_id, kind)
);
create index schedules_user_idx on public.schedules (user_id, profile_id);
-- What the tick looks for, once a minute.
create index schedules_due_idx on public.schedules (next_at) where is_active;
alter table public.schedules enable row level security;
revoke all on public.schedules from anon, authenticated;
create policy schedules_select on public.schedules for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
create policy schedules_update on public.schedules for update to rollcall_person
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.schedules to rollcall_person;
grant update (every, next_at, is_automatic, updated_at) on public.schedules to rollcall_person;
grant all on public.schedules to service_role;

-- A new profile has a row for each kind that is declared with an interval and that its platform has.
create function rollcall.profile_gets_schedules() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.schedules (profile_id, kind, user_id, every, is_automatic, is_active)
    select new.id, k.name, new.user_id, k.every, k.is_automatic, new.state = 'CONNECTED' and not new.schedule_paused
      from rollcall.job_kinds k join rollcall.platforms f on f.name = new.platform
      where k.every is not null and k.name = any(f.kinds);
  return null;
end
$$;
create trigger profile_gets_schedules after insert on public.profiles
  for each row execute function rollcall.profile_gets_schedules();

create function rollcall.schedules_follow_profile() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.schedules set is_active = new.state = 'CONNECTED' and not new.schedule_paused
    where profile_id = new.id and is_active <> (new.state = 'CONNECTED' and not new.schedule_paused);
  return null;
end
$$;
create trigger schedules_follow_profile after update of state, schedule_paused on public.profiles
  for each row when (old.state is distinct from new.state or old.schedule_paused is distinct from new.schedule_paused)
  execute function rollcall.schedules_follow_profile();

create table public.connections (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  -- One of the ways in that the profile's platform declares (`rollcall.connection_is_declared`).
  method text not null,
  state text not null default 'PENDING'
    check (state in ('PENDING', 'ACTIVE', 'EXPIRED', 'CHALLENGED', 'COOLING_DOWN', 'REVOKED')),
  -- Why, as the code of an error with its parameters (`shared/error_text.py`).
  state_code text,
  state_params jsonb not null default '{}',
  state_since timestamptz not null default now(),
  -- What a connection is again when its person ends a cool-down.
  state_after text check (state_after in ('ACTIVE', 'EXPIRED')),
  -- Until when it is not used, the code of the error that caused it, and how many cool-downs came without a calm day between them.
  cooldown_until timestamptz,
  cooldown_code text,
  cooldowns smallint not null default 0 check (cooldowns >= 0),
  -- Encrypted under the user's data key; place = ('connections', column, user_id, id).
  secret bytea,
  totp_secret bytea,
  -- Username and password, only where the person ticked "log in again for me".
  login_secret bytea,
  has_login_secret boolean not null generated always as (login_secret is not null) stored,
  -- When Rollcall last logged in by itself.
  logged_in_again_at timestamptz,
  last_used_at timestamptz,
  checked_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((state = 'COOLING_DOWN') = (state_after is not null)),
  check (state <> 'REVOKED' or secret is null and totp_secret is null and login_secret is null),
  unique (profile_id, method)
);
create index connections_user_idx on public.connections (user_id, profile_id);
alter table public.connections enable row level security;
revoke all on public.connections from anon, authenticated;
create policy connections_select on public.connections for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select (id, user_id, profile_id, method, state, state_code, state_params, state_since, cooldown_until, cooldown_code, has_login_secret, logged_in_again_at, last_used_at, checked_at, expires_at,
  created_at, updated_at) on public.connections to rollcall_person;
grant all on public.connections to service_role;

create function rollcall.connection_is_declared() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.profiles p join rollcall.platforms f on f.name = p.platform
      where p.id = new.profile_id and new.method = any(f.ways_in)) then
    raise exception 'the platform of this profile has no way in of this name' using errcode = 'check_violation';
  end if;
  return new;
end
$$;
create trigger connection_is_declared before insert or update of method, profile_id on public.connections
  for each row execute function rollcall.connection_is_declared();

-- What a profile shows of its connections: the best state that one of them has, with its reason, and a cool-down while none may be used.
-- A data download counts only where no session was ever begun.
create function rollcall.profile_follows_connections() returns trigger language plpgsql security definer set search_path = '' as $$
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
    order by c.cooldown_until nulls first limit 1;
  update public.profiles p set state = derived, state_code = best.state_code, state_params = coalesce(best.state_params, '{}'), cooldown_until = cool_until, cooldown_code = cool_code,
    state_since = case when p.state = derived then p.state_since else now() end, updated_at = now()
  where p.id = of_profile and p.state <> 'DELETING' and (p.state, p.state_code, p.state_params, p.cooldown_until, p.cooldown_code)
    is distinct from (derived, best.state_code, coalesce(best.state_params, '{}'), cool_until, cool_code);
  return null;
end
$$;
create trigger profile_follows_connections
  after insert or delete or update of state, state_code, state_params, cooldown_until, cooldown_code on public.connections
  for each row execute function rollcall.profile_follows_connections();

-- The person's connection of a profile by this way in, made where there is none; one that was disconnected begins anew.
create function rollcall.begin_connection(profile uuid, way_in text) returns void language sql security definer set search_path = '' as $$
  insert into public.connections as c (user_id, profile_id, method)
    select p.user_id, p.id, way_in from public.profiles p where p.id = profile and p.user_id = (select auth.uid())
  on conflict (profile_id, method) do update set state = 'PENDING', state_since = now(), updated_at = now() where c.state = 'REVOKED'
$$;

-- The person's connections of a profile end, and their secrets with them. What counts requests and cool-downs stays.
create function rollcall.disconnect(profile uuid) returns void language sql security definer set search_path = '' as $$
  update public.connections set state = 'REVOKED', state_code = null, state_params = '{}', state_after = null, state_since = now(), secret = null,
    totp_secret = null, login_secret = null, updated_at = now()
  where profile_id = profile and user_id = (select auth.uid())
$$;

-- The web may not touch what is encrypted, but its owner may have a stored password forgotten. False when there was none.
create function rollcall.forget_login(profile uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.connections set login_secret = null, updated_at = now()
  where profile_id = profile and user_id = (select auth.uid()) and login_secret is not null;
  return found;
end
$$;
grant execute on function rollcall.begin_connection(uuid, text), rollcall.disconnect(uuid), rollcall.forget_login(uuid) to rollcall_person;

-- How much a connection has asked the platform for, and when it may ask again; one row for all workers.
create table public.request_budget (
  connection_id uuid primary key references public.connections (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  -- The limit that the worker kept to last; 0 means none.
  per_day integer not null default 0 check (per_day >= 0),
  day_ends timestamptz not null default '-infinity',
  day_spent integer not null default 0 check (day_spent >= 0),
  window_ends timestamptz not null default '-infinity',
  window_spent integer not null default 0 check (window_spent >= 0),
  next_at timestamptz not null default '-infinity',
  updated_at timestamptz not null default now()
);
create index request_budget_user_idx on public.request_budget (user_id, profile_id);
alter table public.request_budget enable row level security;
revoke all on public.request_budget from anon, authenticated;
create policy request_budget_select on public.request_budget for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.request_budget to rollcall_person;
grant all on public.request_budget to service_role;

-- One request: granted after `wait` seconds, or refused until `until`. `kept` requests of the day are left to others; a limit of 0 is
-- none, and what is not refusable is counted and paced only. The row is held for this statement only, so that whoever asks next, in whichever process, comes a pause later.
create function rollcall.take_turn(of_user uuid, of_connection uuid, pause interval, day_limit integer, kept integer,
  window_limit integer, span interval, refusable boolean default true, at timestamptz default null)
returns table (granted boolean, wait double precision, until timestamptz, day_over boolean)
language plpgsql set search_path = '' as $$
declare
  b public.request_budget;
  clock timestamptz;
  slot timestamptz;
begin
  select * into b from public.request_budget r where r.connection_id = of_connection and r.user_id = of_user for update;
  if not found then
    insert into public.request_budget (connection_id, profile_id, user_id)
      select c.id, c.profile_id, c.user_id from public.connections c where c.id = of_connection and c.user_id = of_user
    on conflict do nothing;
    select * into strict b from public.request_budget r where r.connection_id = of_connection and r.user_id = of_user for update;
  end if;
  clock := coalesce(at, clock_timestamp());
  -- Times far ahead come from a clock that was set back.
  slot := case when b.next_at > clock + pause * 100 then clock + pause else greatest(clock, b.next_at) end;
  if b.day_ends <= slot then
    b.day_ends := slot + interval '1 day';
    b.day_spent := 0;
  end if;
  if b.window_ends <= slot then
    b.window_ends := slot + span;
    b.window_spent := 0;
  end if;
  b.day_ends := least(b.day_ends, slot + interval '1 day');
  b.window_ends := least(b.window_ends, slot + span);
  day_over := refusable and day_limit > 0 and b.day_spent + kept >= day_limit;
  granted := not day_over and (not refusable or window_limit = 0 or b.window_spent < window_limit);
  if granted then
    b.day_spent := b.day_spent + 1;
    b.window_spent := b.window_spent + 1;
    b.next_at := slot + pause;
  end if;
  until := case when granted then slot when day_over then b.day_ends else b.window_ends end;
  wait := extract(epoch from until - clock);
  update public.request_budget r set per_day = day_limit, day_ends = b.day_ends, day_spent = b.day_spent,
    window_ends = b.window_ends, window_spent = b.window_spent, next_at = b.next_at, updated_at = now()
   where r.connection_id = of_connection;
  return next;
end
$$;

-- A person's own profile is used again although it is in a cool-down. False when it is in none.
create function rollcall.end_cooldown(profile uuid) returns boolean language plpgsql security definer set search_path = '' as $$
declare
  freed uuid[];
begin
  with ended as (
    update public.connections set cooldown_until = null, cooldown_code = null, updated_at = now(),
      -- A first login that was met by a warning has left nothing to use.
      state = coalesce(state_after, state), state_after = null,
      state_code = case when state = 'COOLING_DOWN' then null else state_code end,
      state_params = case when state = 'COOLING_DOWN' then '{}' else state_params end,
      state_since = case when state = 'COOLING_DOWN' then now() else state_since end
    where profile_id = profile and user_id = (select auth.uid()) and (state = 'COOLING_DOWN' or cooldown_until > now())
    returning id
  )
  select array_agg(id) into freed from ended;
  if freed is null then
    return false;
  end if;
  update public.sync_jobs set run_at = now(), updated_at = now()
  where lane = any (freed) and user_id = (select auth.uid()) and state = 'WAITING' and run_at > now();
  if found then
    perform pg_notify('rollcall_jobs', priority::text) from (
      select distinct priority from public.sync_jobs where lane = any (freed) and state = 'WAITING') levels;
  end if;
  return true;
end
$$;
grant execute on function rollcall.take_turn(uuid, uuid, interval, integer, integer, integer, interval, boolean, timestamptz) to service_role;
grant execute on function rollcall.end_cooldown(uuid) to rollcall_person;

revoke all on all functions in schema rollcall from public;
