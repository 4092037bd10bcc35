-- Who signs in, and which accounts they follow up.
create table public.profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  platform text not null check (platform in ('instagram')),
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
  state text not null default 'CONNECTING'
    check (state in ('CONNECTING', 'CONNECTED', 'NEEDS_LOGIN', 'CHALLENGED', 'RESTING', 'DISCONNECTED', 'DELETING')),
  state_reason text,
  -- When it went into this state.
  state_since timestamptz not null default now(),
  cooldown_until timestamptz,
  -- Why it rests (an error's code), and how many rests came without a calm day between them.
  rest_code text,
  rests smallint not null default 0 check (rests >= 0),
  -- The platform's own time of the newest reading.
  observed_at timestamptz,
  schedule_paused boolean not null default false,
  next_profile_at timestamptz,
  next_followers_at timestamptz,
  next_following_at timestamptz,
  next_media_at timestamptz,
  next_stories_at timestamptz,
  next_likers_at timestamptz,
  next_check_at timestamptz,
  profile_every interval not null default '6 hours' check (profile_every >= '1 hour'),
  followers_every interval not null default '1 day' check (followers_every >= '1 hour'),
  following_every interval not null default '1 day' check (following_every >= '1 hour'),
  media_every interval not null default '8 hours' check (media_every >= '1 hour'),
  stories_every interval not null default '2 hours' check (stories_every >= '1 hour'),
  likers_every interval not null default '1 day' check (likers_every >= '1 hour'),
  check_every interval not null default '1 day' check (check_every >= '1 hour'),
  -- The kinds whose interval follows the account's size and the budget; a person's own choice takes a kind out of it.
  automatic text[] not null default '{profile,followers,following,media,stories,likers}'
    check (automatic <@ array['profile', 'followers', 'following', 'media', 'stories', 'likers']),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index profiles_user_username_key on public.profiles (user_id, platform, lower(username));
create unique index profiles_user_external_key on public.profiles (user_id, platform, external_id)
  where external_id is not null;
-- What the tick looks for, once a minute.
create index profiles_due_idx on public.profiles ((least(next_profile_at, next_followers_at, next_following_at, next_media_at,
  next_stories_at, next_likers_at, next_check_at))) where state = 'CONNECTED' and not schedule_paused;
alter table public.profiles enable row level security;
revoke all on public.profiles from anon, authenticated;
create policy profiles_select on public.profiles for select to authenticated using ((select auth.uid()) = user_id);
create policy profiles_insert on public.profiles for insert to authenticated with check ((select auth.uid()) = user_id);
create policy profiles_update on public.profiles for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy profiles_delete on public.profiles for delete to authenticated using ((select auth.uid()) = user_id);
grant select on public.profiles to authenticated;
grant insert (user_id, platform, username, timezone) on public.profiles to authenticated;
grant update (timezone, state, state_reason, state_since, schedule_paused, next_profile_at, next_followers_at, next_following_at,
  next_media_at, next_stories_at, next_likers_at, profile_every, followers_every, following_every, media_every,
  stories_every, likers_every, automatic, updated_at)
  on public.profiles to authenticated;
grant all on public.profiles to service_role;

create table public.connections (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  method text not null check (method in ('browser', 'facebook_login', 'instagram_login', 'archive')),
  state text not null default 'PENDING' check (state in ('PENDING', 'ACTIVE', 'EXPIRED', 'CHALLENGED', 'REVOKED')),
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
  unique (profile_id, method)
);
create index connections_user_idx on public.connections (user_id, profile_id);
alter table public.connections enable row level security;
revoke all on public.connections from anon, authenticated;
create policy connections_select on public.connections for select to authenticated using ((select auth.uid()) = user_id);
create policy connections_insert on public.connections for insert to authenticated
  with check ((select auth.uid()) = user_id
    and exists (select from public.profiles p where p.id = profile_id and p.user_id = (select auth.uid())));
create policy connections_delete on public.connections for delete to authenticated using ((select auth.uid()) = user_id);
grant select (id, user_id, profile_id, method, state, has_login_secret, logged_in_again_at, last_used_at, checked_at, expires_at,
  created_at, updated_at) on public.connections to authenticated;
grant insert (user_id, profile_id, method) on public.connections to authenticated;
grant delete on public.connections to authenticated;
grant all on public.connections to service_role;

create table public.user_keys (
  user_id uuid primary key references auth.users (id) on delete cascade,
  wrapped_key bytea not null,
  kek_id text not null,
  created_at timestamptz not null default now(),
  rotated_at timestamptz
);
alter table public.user_keys enable row level security;
revoke all on public.user_keys from anon, authenticated;
-- No policy and no grant for the web's role: only the worker reads keys.
grant all on public.user_keys to service_role;

create table public.web_sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  token_hash bytea not null unique,
  user_agent text,
  address text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index web_sessions_user_idx on public.web_sessions (user_id, expires_at);
create index web_sessions_expiry_idx on public.web_sessions (expires_at);
alter table public.web_sessions enable row level security;
revoke all on public.web_sessions from anon, authenticated;
create policy web_sessions_select on public.web_sessions for select to authenticated using ((select auth.uid()) = user_id);
create policy web_sessions_delete on public.web_sessions for delete to authenticated using ((select auth.uid()) = user_id);
grant select (id, user_id, user_agent, address, created_at, last_seen_at, expires_at) on public.web_sessions to authenticated;
grant delete on public.web_sessions to authenticated;
grant all on public.web_sessions to service_role;

create table rollcall.throttles (
  key text primary key,
  hits integer not null,
  window_ends timestamptz not null
);
create index throttles_window_idx on rollcall.throttles (window_ends);
alter table rollcall.throttles enable row level security;
grant all on rollcall.throttles to service_role;

-- Sessions are found before anybody is signed in, so these run with their owner's rights and are callable by the web's role alone.
create function rollcall.session_open(owner uuid, hash bytea, lifetime interval, agent text, from_address text)
returns uuid language sql security definer set search_path = '' as $$
  delete from public.web_sessions where id in (
    select id from public.web_sessions where expires_at <= now() order by expires_at limit 20 for update skip locked
  );
  insert into public.web_sessions (user_id, token_hash, expires_at, user_agent, address)
  values (owner, hash, now() + lifetime, left(agent, 300), from_address) returning id
$$;

create function rollcall.session_find(hash bytea, lifetime interval)
returns table (session_id uuid, user_id uuid, email text) language plpgsql security definer set search_path = '' as $$
begin
  -- Touched once a minute at most, so that reading pages does not become writing rows.
  update public.web_sessions s set last_seen_at = now(), expires_at = now() + lifetime
    where s.token_hash = hash and s.expires_at > now() and s.last_seen_at < now() - interval '1 minute';
  return query select s.id, s.user_id, u.email::text from public.web_sessions s join auth.users u on u.id = s.user_id
    where s.token_hash = hash and s.expires_at > now();
end
$$;

create function rollcall.session_close(hash bytea) returns void language sql security definer set search_path = '' as $$
  delete from public.web_sessions where token_hash = hash
$$;

-- Returns the seconds to wait before another try is allowed; 0 means go on.
create function rollcall.throttle(throttle_key text, allowed integer, span interval)
returns double precision language plpgsql security definer set search_path = '' as $$
declare
  seen rollcall.throttles;
begin
  insert into rollcall.throttles as t (key, hits, window_ends) values (throttle_key, 1, now() + span)
  on conflict (key) do update set
    hits = case when t.window_ends <= now() then 1 else t.hits + 1 end,
    window_ends = case when t.window_ends <= now() then now() + span else t.window_ends end
  returning * into seen;
  -- Each new window sweeps a few that are over, so the table stays as small as the traffic.
  if seen.hits = 1 then
    delete from rollcall.throttles where key in (
      select key from rollcall.throttles where window_ends <= now() order by window_ends limit 10 for update skip locked
    );
  end if;
  return case when seen.hits > allowed then greatest(extract(epoch from seen.window_ends - now()), 1) else 0 end;
end
$$;

create function rollcall.throttle_forget(throttle_key text) returns void language sql security definer set search_path = '' as $$
  delete from rollcall.throttles where key = throttle_key
$$;

-- The web may not touch what is encrypted, but its owner may have a stored password forgotten. False when there was none.
create function rollcall.forget_login(profile uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.connections set login_secret = null, updated_at = now()
  where profile_id = profile and user_id = (select auth.uid()) and login_secret is not null;
  return found;
end
$$;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.session_open(uuid, bytea, interval, text, text) to rollcall_web;
grant execute on function rollcall.session_find(bytea, interval) to rollcall_web;
grant execute on function rollcall.session_close(bytea) to rollcall_web;
grant execute on function rollcall.throttle(text, integer, interval) to rollcall_web;
grant execute on function rollcall.throttle_forget(text) to rollcall_web;
grant execute on function rollcall.forget_login(uuid) to authenticated;
