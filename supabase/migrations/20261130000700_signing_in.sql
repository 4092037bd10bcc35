-- A sign-in ends for good some time after it began, and an operator stays the same account.
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

revoke all on function rollcall.session_find(bytea, interval, interval), rollcall.is_operator(text, uuid),
  rollcall.operators_named(text[]) from public;
grant execute on function rollcall.session_find(bytea, interval, interval), rollcall.is_operator(text, uuid),
  rollcall.operators_named(text[]) to rollcall_web;
