-- How much a profile has asked the platform for, and when it may ask again; one row for all workers.
create table public.request_budget (
  profile_id uuid primary key references public.profiles (id) on delete cascade,
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
create policy request_budget_select on public.request_budget for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.request_budget to authenticated;
grant all on public.request_budget to service_role;

-- One request: granted after `wait` seconds, or refused until `until`. `kept` requests of the day are left to others; a limit of 0 is
-- none, and what is not refusable is counted and paced only. The row is held for this statement only, so that whoever asks next, in whichever process, comes a pause later.
create function rollcall.take_turn(of_user uuid, of_profile uuid, pause interval, day_limit integer, kept integer,
  window_limit integer, span interval, refusable boolean default true, at timestamptz default null)
returns table (granted boolean, wait double precision, until timestamptz, day_over boolean)
language plpgsql set search_path = '' as $$
declare
  b public.request_budget;
  clock timestamptz;
  slot timestamptz;
begin
  insert into public.request_budget (profile_id, user_id) values (of_profile, of_user) on conflict do nothing;
  select * into strict b from public.request_budget r where r.profile_id = of_profile and r.user_id = of_user for update;
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
   where r.profile_id = of_profile;
  return next;
end
$$;

-- A person's own profile is read again although it should rest. False when it does not rest.
create function rollcall.end_rest(profile uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.profiles set cooldown_until = null, rest_code = null, updated_at = now(),
    -- A first login that was met by a warning has left nothing to read with.
    state = case when state <> 'RESTING' then state
      when exists (select from public.connections c where c.profile_id = profile and c.state = 'ACTIVE') then 'CONNECTED'
      else 'NEEDS_LOGIN' end,
    state_reason = case when state = 'RESTING' then null else state_reason end,
    state_since = case when state = 'RESTING' then now() else state_since end
  where id = profile and user_id = (select auth.uid()) and (state = 'RESTING' or cooldown_until > now());
  if not found then
    return false;
  end if;
  update public.sync_jobs set run_at = now(), updated_at = now()
  where lane = profile and user_id = (select auth.uid()) and state = 'WAITING' and run_at > now();
  if found then
    perform pg_notify('rollcall_jobs', priority::text) from (
      select distinct priority from public.sync_jobs where lane = profile and state = 'WAITING') levels;
  end if;
  return true;
end
$$;

revoke all on function rollcall.take_turn(uuid, uuid, interval, integer, integer, integer, interval, boolean, timestamptz),
  rollcall.end_rest(uuid) from public;
grant execute on function rollcall.take_turn(uuid, uuid, interval, integer, integer, integer, interval, boolean, timestamptz) to service_role;
grant execute on function rollcall.end_rest(uuid) to authenticated;
