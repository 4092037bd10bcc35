-- Signing in to Rollcall: sessions, limits of attempts, second factors.
create table public.web_sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  token_hash bytea not null unique,
  user_agent text,
  address text,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  -- A session of a hosted identity carries the tokens of its sign-in at Supabase, sealed by the web and read by it alone.
  tokens bytea,
  -- Counts the refreshes, so that of two at once only one is stored.
  tokens_version integer not null default 0,
  -- When the access token ends.
  tokens_until timestamptz,
  -- Until then one process has the right to refresh; no one holds a transaction open meanwhile.
  refreshing_until timestamptz,
  -- No refresh before then: Supabase did not answer the last one.
  refresh_after timestamptz,
  -- What a hosted sign-in still owes before it opens anything: a second factor, or a password of its own.
  factor_due boolean not null default false,
  password_due boolean not null default false,
  -- Since when; a sign-in that stays unfinished ends.
  due_since timestamptz
);
create index web_sessions_user_idx on public.web_sessions (user_id, expires_at);
create index web_sessions_expiry_idx on public.web_sessions (expires_at);
alter table public.web_sessions enable row level security;
revoke all on public.web_sessions from anon, authenticated;
create policy web_sessions_select on public.web_sessions for select to rollcall_person using ((select auth.uid()) = user_id);
create policy web_sessions_delete on public.web_sessions for delete to rollcall_person using ((select auth.uid()) = user_id);
grant select (id, user_id, user_agent, address, created_at, last_seen_at, expires_at) on public.web_sessions to rollcall_person;
grant delete on public.web_sessions to rollcall_person;
grant all on public.web_sessions to service_role;

-- Sessions are found before anybody is signed in, so these run with their owner's rights and are callable by the web's role alone.
create function rollcall.session_open(owner uuid, hash bytea, lifetime interval, agent text, from_address text)
returns uuid language sql security definer set search_path = '' as $$
  delete from public.web_sessions where id in (
    select id from public.web_sessions where expires_at <= now() order by expires_at limit 20 for update skip locked
  );
  insert into public.web_sessions (user_id, token_hash, expires_at, user_agent, address)
  values (owner, hash, now() + lifetime, left(agent, 300), from_address) returning id
$$;

-- A sign-in ends for good some time after it began.
create function rollcall.session_find(hash bytea, lifetime interval, longest interval)
returns table (session_id uuid, user_id uuid, email text) language plpgsql security definer set search_path = '' as $$
begin
  -- Touched once a minute at most, so that reading pages does not become writing rows.
  update public.web_sessions s set last_seen_at = now(), expires_at = least(now() + lifetime, s.created_at + longest)
    where s.token_hash = hash and s.expires_at > now() and s.created_at > now() - longest
      and s.last_seen_at < now() - interval '1 minute';
  return query select s.id, s.user_id, u.email::text from public.web_sessions s join auth.users u on u.id = s.user_id
    where s.token_hash = hash and s.expires_at > now() and s.created_at > now() - longest;
end
$$;

create function rollcall.session_close(hash bytea) returns void language sql security definer set search_path = '' as $$
  delete from public.web_sessions where token_hash = hash
$$;

create function rollcall.session_open_hosted(
  session uuid, owner uuid, hash bytea, lifetime interval, agent text, from_address text, sealed bytea, good_for interval)
returns void language sql security definer set search_path = '' as $$
  delete from public.web_sessions where id in (
    select id from public.web_sessions where expires_at <= now() order by expires_at limit 20 for update skip locked
  );
  insert into public.web_sessions (id, user_id, token_hash, expires_at, user_agent, address, tokens, tokens_until)
  values (session, owner, hash, now() + lifetime, left(agent, 300), from_address, sealed, now() + good_for)
$$;

create function rollcall.session_tokens(session uuid)
returns table (sealed bytea, version integer, seconds_left double precision, claimed boolean, waits boolean)
language sql stable security definer set search_path = '' as $$
  select tokens, tokens_version, extract(epoch from tokens_until - now())::double precision,
    coalesce(refreshing_until > now(), false), coalesce(refresh_after > now(), false)
  from public.web_sessions where id = session and expires_at > now() and tokens is not null
$$;

-- True for the one process that may refresh now.
create function rollcall.session_claim_refresh(session uuid, known integer, patience interval)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.web_sessions set refreshing_until = now() + patience
  where id = session and tokens_version = known
    and (refreshing_until is null or refreshing_until <= now()) and (refresh_after is null or refresh_after <= now());
  return found;
end
$$;

-- False when the session was ended, or another process has stored fresher tokens.
create function rollcall.session_store_tokens(session uuid, known integer, sealed bytea, good_for interval)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.web_sessions set tokens = sealed, tokens_version = known + 1, tokens_until = now() + good_for,
    refreshing_until = null, refresh_after = null
  where id = session and tokens_version = known;
  return found;
end
$$;

create function rollcall.session_postpone_refresh(session uuid, known integer, rest interval)
returns void language sql security definer set search_path = '' as $$
  update public.web_sessions set refreshing_until = null, refresh_after = now() + rest
  where id = session and tokens_version = known
$$;

-- Ends a session and hands out its tokens once more, so that it can be ended at Supabase too.
create function rollcall.session_take(session uuid, owner uuid)
returns table (sealed bytea) language sql security definer set search_path = '' as $$
  delete from public.web_sessions where id = session and user_id = owner returning tokens
$$;

create function rollcall.session_owe(session uuid, owner uuid, factor boolean, password boolean)
returns void language sql security definer set search_path = '' as $$
  update public.web_sessions set factor_due = factor, password_due = password,
    due_since = case when factor or password then coalesce(due_since, now()) end
  where id = session and user_id = owner
$$;

create function rollcall.session_dues(session uuid)
returns table (factor_due boolean, password_due boolean, seconds_due double precision)
language sql stable security definer set search_path = '' as $$
  select s.factor_due, s.password_due, coalesce(extract(epoch from now() - s.due_since), 0)::double precision
  from public.web_sessions s where s.id = session and s.expires_at > now()
$$;

-- What an account has chosen for itself; NULL leaves it to Rollcall.
create table public.account_settings (
  user_id uuid primary key references auth.users (id) on delete cascade,
  timezone text,
  language text,
  changed_at timestamptz not null default now()
);
alter table public.account_settings enable row level security;
revoke all on public.account_settings from anon, authenticated;
create policy account_settings_select on public.account_settings for select to rollcall_person using ((select auth.uid()) = user_id);
create policy account_settings_insert on public.account_settings for insert to rollcall_person
  with check ((select auth.uid()) = user_id);
create policy account_settings_update on public.account_settings for update to rollcall_person
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.account_settings to rollcall_person;
grant insert (user_id, timezone, language) on public.account_settings to rollcall_person;
grant update (timezone, language, changed_at) on public.account_settings to rollcall_person;
grant all on public.account_settings to service_role;

create table rollcall.rate_limits (
  key text primary key,
  hits integer not null,
  window_ends timestamptz not null
);
create index throttles_window_idx on rollcall.rate_limits (window_ends);
alter table rollcall.rate_limits enable row level security;
grant all on rollcall.rate_limits to service_role;

-- Returns the seconds to wait before another try is allowed; 0 means go on.
create function rollcall.throttle(throttle_key text, allowed integer, span interval)
returns double precision language plpgsql security definer set search_path = '' as $$
declare
  seen rollcall.rate_limits;
begin
  insert into rollcall.rate_limits as t (key, hits, window_ends) values (throttle_key, 1, now() + span)
  on conflict (key) do update set
    hits = case when t.window_ends <= now() then 1 else t.hits + 1 end,
    window_ends = case when t.window_ends <= now() then now() + span else t.window_ends end
  returning * into seen;
  -- Each new window sweeps a few that are over, so the table stays as small as the traffic.
  if seen.hits = 1 then
    delete from rollcall.rate_limits where key in (
      select key from rollcall.rate_limits where window_ends <= now() order by window_ends limit 10 for update skip locked
    );
  end if;
  return case when seen.hits > allowed then greatest(extract(epoch from seen.window_ends - now()), 1) else 0 end;
end
$$;

create function rollcall.throttle_forget(throttle_key text) returns void language sql security definer set search_path = '' as $$
  delete from rollcall.rate_limits where key = throttle_key
$$;

-- The second step of signing in, for accounts that are kept here: an authenticator's secret and recovery codes.
create table public.second_factors (
  user_id uuid primary key references auth.users (id) on delete cascade,
  -- Encrypted by the web with a key of SECRET_KEY, since the web has to check codes.
  secret bytea not null,
  -- NULL until its owner has shown that their authenticator makes the right codes; nothing is asked before.
  confirmed_at timestamptz,
  -- The newest half minute whose code was used; no code is good a second time.
  last_step bigint not null default 0,
  -- Hashes of the recovery codes that are left.
  recovery bytea[] not null default '{}',
  created_at timestamptz not null default now()
);
alter table public.second_factors enable row level security;
revoke all on public.second_factors from anon, authenticated;
create policy second_factors_select on public.second_factors for select to rollcall_person using ((select auth.uid()) = user_id);
grant select (user_id, confirmed_at, created_at) on public.second_factors to rollcall_person;
grant all on public.second_factors to service_role;

-- They are asked before anybody is signed in, so these run with their owner's rights and are callable by the web's role alone.
create function rollcall.second_factor(account uuid)
returns table (secret bytea, confirmed boolean, codes_left integer) language sql stable security definer set search_path = '' as $$
  select f.secret, f.confirmed_at is not null, cardinality(f.recovery) from public.second_factors f where f.user_id = account
$$;

-- False where one is in force already: that has to be switched off first.
create function rollcall.second_factor_begin(account uuid, sealed bytea)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  insert into public.second_factors as f (user_id, secret) values (account, sealed)
    on conflict (user_id) do update set secret = excluded.secret, created_at = now() where f.confirmed_at is null;
  return found;
end
$$;

create function rollcall.second_factor_confirm(account uuid, sealed bytea, step bigint, hashes bytea[])
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.second_factors set confirmed_at = now(), last_step = step, recovery = hashes
    where user_id = account and secret = sealed and confirmed_at is null;
  return found;
end
$$;

-- True for one of those who bring the code of this half minute, and for no one who brings an earlier one.
create function rollcall.second_factor_use(account uuid, step bigint)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.second_factors set last_step = step where user_id = account and confirmed_at is not null and last_step < step;
  return found;
end
$$;

create function rollcall.second_factor_recover(account uuid, hash bytea)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.second_factors set recovery = array_remove(recovery, hash)
    where user_id = account and confirmed_at is not null and hash = any (recovery);
  return found;
end
$$;

create function rollcall.second_factor_end(account uuid)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  delete from public.second_factors where user_id = account;
  return found;
end
$$;

-- For `rollcall connect`, where a person stands at the worker's machine and is named by their e-mail.
create function rollcall.find_user(address text) returns uuid language sql stable security definer set search_path = '' as $$
  select id from auth.users where lower(email) = lower(address)
$$;

-- The only account there is; NULL where there are none or several.
create function rollcall.only_user() returns uuid language sql stable security definer set search_path = '' as $$
  with first_two as (select id from auth.users limit 2)
  select (array_agg(id))[1] from first_two having count(*) = 1
$$;
grant execute on function rollcall.session_open(uuid, bytea, interval, text, text) to rollcall_web;
grant execute on function rollcall.session_find(bytea, interval, interval) to rollcall_web;
grant execute on function rollcall.session_close(bytea) to rollcall_web;
grant execute on function rollcall.session_open_hosted(uuid, uuid, bytea, interval, text, text, bytea, interval) to rollcall_web;
grant execute on function rollcall.session_tokens(uuid) to rollcall_web;
grant execute on function rollcall.session_claim_refresh(uuid, integer, interval) to rollcall_web;
grant execute on function rollcall.session_store_tokens(uuid, integer, bytea, interval) to rollcall_web;
grant execute on function rollcall.session_postpone_refresh(uuid, integer, interval) to rollcall_web;
grant execute on function rollcall.session_take(uuid, uuid) to rollcall_web;
grant execute on function rollcall.session_owe(uuid, uuid, boolean, boolean) to rollcall_web;
grant execute on function rollcall.session_dues(uuid) to rollcall_web;
grant execute on function rollcall.throttle(text, integer, interval) to rollcall_web;
grant execute on function rollcall.throttle_forget(text) to rollcall_web;
grant execute on function rollcall.second_factor(uuid), rollcall.second_factor_begin(uuid, bytea),
  rollcall.second_factor_confirm(uuid, bytea, bigint, bytea[]), rollcall.second_factor_use(uuid, bigint),
  rollcall.second_factor_recover(uuid, bytea), rollcall.second_factor_end(uuid) to rollcall_web;
grant execute on function rollcall.second_factor_end(uuid) to service_role;
grant execute on function rollcall.find_user(text), rollcall.only_user() to service_role;

revoke all on all functions in schema rollcall from public;
