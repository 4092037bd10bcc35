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
create policy second_factors_select on public.second_factors for select to authenticated using ((select auth.uid()) = user_id);
grant select (user_id, confirmed_at, created_at) on public.second_factors to authenticated;
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

-- True for one of those who bring the code of this half minute, and for nobody who brings an earlier one.
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

-- Whoever leaves leaves nothing that could be opened.
create function rollcall.second_factor_leaves() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from public.second_factors where user_id = new.user_id;
  return null;
end
$$;
create trigger second_factor_leaves after insert on rollcall.erasures
  for each row execute function rollcall.second_factor_leaves();

revoke all on function rollcall.second_factor(uuid), rollcall.second_factor_begin(uuid, bytea),
  rollcall.second_factor_confirm(uuid, bytea, bigint, bytea[]), rollcall.second_factor_use(uuid, bigint),
  rollcall.second_factor_recover(uuid, bytea), rollcall.second_factor_end(uuid), rollcall.second_factor_leaves() from public;
grant execute on function rollcall.second_factor(uuid), rollcall.second_factor_begin(uuid, bytea),
  rollcall.second_factor_confirm(uuid, bytea, bigint, bytea[]), rollcall.second_factor_use(uuid, bigint),
  rollcall.second_factor_recover(uuid, bytea), rollcall.second_factor_end(uuid) to rollcall_web;
grant execute on function rollcall.second_factor_end(uuid) to service_role;
