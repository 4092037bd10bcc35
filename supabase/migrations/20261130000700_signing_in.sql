-- A sign-in ends for good some time after it began, a reset link's right is used up once, and who is an operator stays the same account.
alter table public.web_sessions
  -- Until then this sign-in may set a password without the old one.
  add column may_set_password_until timestamptz;

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

create function rollcall.session_allow_password(session uuid, owner uuid, span interval)
returns void language sql security definer set search_path = '' as $$
  update public.web_sessions set may_set_password_until = now() + span where id = session and user_id = owner
$$;

create function rollcall.session_may_set_password(session uuid, owner uuid)
returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select from public.web_sessions where id = session and user_id = owner and may_set_password_until > now())
$$;

-- Takes the right away and returns until when it was good; NULL for all but one of those who ask.
create function rollcall.session_take_password_right(session uuid, owner uuid)
returns timestamptz language sql security definer set search_path = '' as $$
  with held as (
    select id, may_set_password_until as until from public.web_sessions
    where id = session and user_id = owner and may_set_password_until > now() for update
  )
  update public.web_sessions s set may_set_password_until = null from held where s.id = held.id returning held.until
$$;

-- The password was not taken, so the right is given back, for no longer than it was.
create function rollcall.session_return_password_right(session uuid, owner uuid, until timestamptz)
returns void language sql security definer set search_path = '' as $$
  update public.web_sessions set may_set_password_until = until where id = session and user_id = owner
$$;

-- An operator's address belongs to the account that had it first, also after that account is gone.
create table rollcall.operator_accounts (
  address text primary key,
  account uuid not null,
  since timestamptz not null default now()
);
alter table rollcall.operator_accounts enable row level security;
grant select on rollcall.operator_accounts to service_role;

create function rollcall.is_operator(named text, asks uuid)
returns boolean language sql security definer set search_path = '' as $$
  insert into rollcall.operator_accounts (address, account) values (lower(named), asks) on conflict do nothing;
  select exists (select from rollcall.operator_accounts o where o.address = lower(named) and o.account = asks)
$$;

-- Forgets the addresses that are named no longer, and binds the others to the accounts that have them.
create function rollcall.operators_named(addresses text[])
returns void language sql security definer set search_path = '' as $$
  delete from rollcall.operator_accounts where address <> all (addresses);
  insert into rollcall.operator_accounts (address, account)
    select lower(u.email), u.id from auth.users u where lower(u.email) = any (addresses) on conflict do nothing
$$;

revoke all on function rollcall.session_find(bytea, interval, interval), rollcall.session_allow_password(uuid, uuid, interval),
  rollcall.session_may_set_password(uuid, uuid), rollcall.session_take_password_right(uuid, uuid),
  rollcall.session_return_password_right(uuid, uuid, timestamptz), rollcall.is_operator(text, uuid),
  rollcall.operators_named(text[]) from public;
grant execute on function rollcall.session_find(bytea, interval, interval), rollcall.session_allow_password(uuid, uuid, interval),
  rollcall.session_may_set_password(uuid, uuid), rollcall.session_take_password_right(uuid, uuid),
  rollcall.session_return_password_right(uuid, uuid, timestamptz), rollcall.is_operator(text, uuid),
  rollcall.operators_named(text[]) to rollcall_web;
