-- Connecting by a provider's consent page (OAuth): the states of consents under way, what a connection may read, the jobs of both ends.

-- A consent under way, from the button until its answer. It is good once, for minutes, and for the sign-in that began it. What is used or
-- too old stays for a day, so that its answer can be named, and is then removed.
create table public.oauth_states (
  -- SHA-256 of the state; the state itself is with the person's browser and the provider alone.
  state_hash bytea primary key check (octet_length(state_hash) = 32),
  user_id uuid not null references auth.users (id) on delete cascade,
  session_id uuid not null references public.web_sessions (id) on delete cascade,
  provider text not null check (provider <> ''),
  platform text not null check (platform <> ''),
  way_in text not null check (way_in <> ''),
  redirect_uri text not null check (redirect_uri <> ''),
  timezone text not null default 'UTC',
  in_popup boolean not null default false,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index oauth_states_user_idx on public.oauth_states (user_id, created_at);
create index oauth_states_session_idx on public.oauth_states (session_id);
-- What retention looks for.
create index oauth_states_expires_idx on public.oauth_states (expires_at);
alter table public.oauth_states enable row level security;
revoke all on public.oauth_states from anon, authenticated;
create policy oauth_states_select on public.oauth_states for select to rollcall_person using ((select auth.uid()) = user_id);
create policy oauth_states_insert on public.oauth_states for insert to rollcall_person
  with check ((select auth.uid()) = user_id
    and exists (select from public.web_sessions s where s.id = session_id and s.user_id = (select auth.uid())));
create policy oauth_states_update on public.oauth_states for update to rollcall_person
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.oauth_states to rollcall_person;
grant insert (state_hash, user_id, session_id, provider, platform, way_in, redirect_uri, timezone, in_popup, expires_at)
  on public.oauth_states to rollcall_person;
grant update (used_at) on public.oauth_states to rollcall_person;
grant all on public.oauth_states to service_role;

-- What the person allowed on the consent page; empty for ways in that have no scopes.
alter table public.connections add column scopes text[] not null default '{}';
grant select (scopes) on public.connections to rollcall_person;

-- A CONNECT job has no profile before the account is known.
create policy sync_jobs_insert_connect on public.sync_jobs for insert to rollcall_person
  with check ((select auth.uid()) = user_id and state = 'PENDING' and kind = 'CONNECT' and profile_id is null);

create or replace function rollcall.job_args_have_form() returns trigger language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.args) is distinct from 'object' then
    raise exception 'the arguments of a job are an object' using errcode = 'check_violation';
  end if;
  if exists (select from jsonb_each(new.args) a where case
      when a.key in ('import_id', 'export_id', 'connection_id') then jsonb_typeof(a.value) <> 'string'
        or (a.value #>> '{}') !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
      when a.key in ('platform', 'way_in') then jsonb_typeof(a.value) <> 'string'
      when a.key in ('all', 'again') then jsonb_typeof(a.value) <> 'boolean' end) then
    raise exception 'an argument of the job has another type' using errcode = 'check_violation';
  end if;
  return new;
end
$$;

create or replace function rollcall.job_of_a_person() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  declared rollcall.job_kinds;
begin
  if new.user_id is distinct from auth.uid() then
    raise exception 'a job belongs to whoever is signed in' using errcode = 'insufficient_privilege';
  end if;
  select * into declared from rollcall.job_kinds k where k.name = new.kind and k.by_person;
  if not found then
    raise exception 'people do not start jobs of kind %', new.kind using errcode = 'insufficient_privilege';
  end if;
  if new.priority <> 100 then
    raise exception 'a person''s job has the priority 100' using errcode = 'insufficient_privilege';
  end if;
  if not new.args ?& declared.needs_args
      or exists (select from jsonb_object_keys(new.args) k where k <> all (declared.needs_args || declared.takes_args)) then
    raise exception 'a job of kind % has other arguments', new.kind using errcode = 'insufficient_privilege';
  end if;
  if new.sealed is not null and new.kind not in ('LOGIN', 'CONNECT') or octet_length(new.sealed) > 1048576 then
    raise exception 'what is sealed belongs to a login, and is small' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(new.user_id::text, 20261130));
  return new;
end
$$;

-- As before; and a token that a platform gave goes into a job of its own, encrypted as it was, so that the worker can revoke it there.
-- The job has no profile, so that it outlives one that is deleted.
create or replace function rollcall.disconnect(profile uuid) returns void language sql security definer set search_path = '' as $$
  insert into public.sync_jobs (user_id, kind, args, sealed, sealed_expires_at, max_attempts)
    select c.user_id, 'REVOKE', jsonb_build_object('platform', p.platform, 'way_in', c.method, 'connection_id', c.id), c.secret,
      now() + interval '2 days', 20
    from public.connections c join public.profiles p on p.id = c.profile_id
    where c.profile_id = profile and c.user_id = (select auth.uid()) and c.secret is not null
      and c.method not in ('browser', 'data_download');
  update public.connections set state = 'REVOKED', state_code = null, state_params = '{}', state_after = null, state_since = now(), secret = null,
    totp_secret = null, login_secret = null, updated_at = now()
  where profile_id = profile and user_id = (select auth.uid())
$$;
