-- A session of a hosted identity carries the tokens of its sign-in at Supabase, sealed by the web and read by it alone.
alter table public.web_sessions
  add column tokens bytea,
  -- Counts the refreshes, so that of two at once only one is stored.
  add column tokens_version integer not null default 0,
  -- When the access token ends.
  add column tokens_until timestamptz,
  -- Until then one process has the right to refresh; nobody holds a transaction open meanwhile.
  add column refreshing_until timestamptz,
  -- No refresh before then: Supabase did not answer the last one.
  add column refresh_after timestamptz;

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

revoke all on function rollcall.session_open_hosted(uuid, uuid, bytea, interval, text, text, bytea, interval) from public;
revoke all on function rollcall.session_tokens(uuid) from public;
revoke all on function rollcall.session_claim_refresh(uuid, integer, interval) from public;
revoke all on function rollcall.session_store_tokens(uuid, integer, bytea, interval) from public;
revoke all on function rollcall.session_postpone_refresh(uuid, integer, interval) from public;
revoke all on function rollcall.session_take(uuid, uuid) from public;
grant execute on function rollcall.session_open_hosted(uuid, uuid, bytea, interval, text, text, bytea, interval) to rollcall_web;
grant execute on function rollcall.session_tokens(uuid) to rollcall_web;
grant execute on function rollcall.session_claim_refresh(uuid, integer, interval) to rollcall_web;
grant execute on function rollcall.session_store_tokens(uuid, integer, bytea, interval) to rollcall_web;
grant execute on function rollcall.session_postpone_refresh(uuid, integer, interval) to rollcall_web;
grant execute on function rollcall.session_take(uuid, uuid) to rollcall_web;
