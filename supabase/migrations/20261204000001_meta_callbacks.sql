-- What a provider posts by itself: a person removed the app there, or wants their data deleted.

-- The id by which the provider names the login to this app alone, as its posts do; NULL where it is not known yet.
alter table public.connections add column login_id text;
create index connections_login_idx on public.connections (method, login_id) where login_id is not null;

-- A post of a provider. Whose it is and whether it is signed is in what is sealed; the worker alone can read that.
create table rollcall.callbacks (
  id uuid primary key,
  -- SHA-256 of the code by which the person asks how it stands.
  code_hash bytea not null unique check (octet_length(code_hash) = 32),
  provider text not null check (provider <> ''),
  kind text not null check (kind in ('deauthorize', 'data_deletion')),
  -- ERASING: the connections have ended, and their data goes. UNKNOWN: no connection has that login. REFUSED: the signature is wrong.
  state text not null default 'RECEIVED' check (state in ('RECEIVED', 'ERASING', 'DONE', 'UNKNOWN', 'REFUSED')),
  sealed bytea,
  -- The connections whose data goes.
  connection_ids uuid[] not null default '{}',
  received_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((state = 'RECEIVED') = (sealed is not null)),
  check ((state in ('RECEIVED', 'ERASING')) = (ended_at is null))
);
create index callbacks_open_idx on rollcall.callbacks (received_at) where ended_at is null;
create index callbacks_ended_idx on rollcall.callbacks (ended_at) where ended_at is not null;
alter table rollcall.callbacks enable row level security;
grant select, update, delete on rollcall.callbacks to service_role;

-- Stores a post. False when so many wait that another one would only fill the disk.
create function rollcall.receive_callback(callback uuid, code_hash bytea, of_provider text, of_kind text, content bytea, most integer)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  if octet_length(content) > 16384 then
    raise exception 'what is sealed is small' using errcode = 'check_violation';
  end if;
  if (select count(*) from (select from rollcall.callbacks c where c.ended_at is null limit most) waiting) >= most then
    return false;
  end if;
  insert into rollcall.callbacks (id, code_hash, provider, kind, sealed) values (callback, code_hash, of_provider, of_kind, content);
  return true;
end
$$;

-- How a post stands, for whoever has its code.
create function rollcall.callback_of(hashed bytea) returns table (provider text, kind text, state text, received_at timestamptz, ended_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select c.provider, c.kind, c.state, c.received_at, c.ended_at from rollcall.callbacks c where c.code_hash = hashed
$$;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.receive_callback(uuid, bytea, text, text, bytea, integer), rollcall.callback_of(bytea) to rollcall_web;
