-- No alert is mailed to an address before somebody who reads its mail has said yes. Supabase confirms its own accounts.
create table public.mail_confirmations (
  user_id uuid primary key references auth.users (id) on delete cascade,
  address text not null,
  -- Of the link in the newest mail; the worker makes it, so that nothing that opens it is stored.
  token_hash bytea,
  -- SENDING that stays was begun by a worker that died; its person asks again.
  state text not null default 'DUE' check (state in ('DUE', 'SENDING', 'SENT', 'FAILED')),
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  asked_at timestamptz not null default now(),
  confirmed_at timestamptz
);
create index mail_confirmations_due_idx on public.mail_confirmations (due_at) where state = 'DUE';
create unique index mail_confirmations_token_key on public.mail_confirmations (token_hash);
alter table public.mail_confirmations enable row level security;
revoke all on public.mail_confirmations from anon, authenticated;
create policy mail_confirmations_select on public.mail_confirmations for select to authenticated using ((select auth.uid()) = user_id);
grant select (user_id, address, state, attempts, due_at, asked_at, confirmed_at) on public.mail_confirmations to authenticated;
grant all on public.mail_confirmations to service_role;

create function rollcall.mail_confirmed(account uuid) returns boolean language sql stable security definer set search_path = '' as $$
  select coalesce((
    select case when to_jsonb(u) ? 'email_confirmed_at' then to_jsonb(u) ->> 'email_confirmed_at' is not null
      else exists (select from public.mail_confirmations c
        where c.user_id = u.id and c.confirmed_at is not null and lower(c.address) = lower(u.email)) end
    from auth.users u where u.id = account
  ), false)
$$;

-- True when a mail is to be sent: there is no confirmed address yet.
create function rollcall.mail_ask(account uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  if rollcall.mail_confirmed(account) then
    return false;
  end if;
  insert into public.mail_confirmations as c (user_id, address) select u.id, u.email from auth.users u where u.id = account
    on conflict (user_id) do update set address = excluded.address, token_hash = null, state = 'DUE', attempts = 0, due_at = now(),
      asked_at = now(), confirmed_at = null;
  return found;
end
$$;

create function rollcall.mail_confirm(hash bytea) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.mail_confirmations c set confirmed_at = now(), token_hash = null
    from auth.users u where c.token_hash = hash and u.id = c.user_id and lower(u.email) = lower(c.address)
      and c.asked_at > now() - interval '7 days';
  return found;
end
$$;

-- Whatever plans a mail, it becomes due only once its address is confirmed.
create function rollcall.mail_only_to_confirmed() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  return case when rollcall.mail_confirmed(new.user_id) then new end;
end
$$;
create trigger mail_only_to_confirmed before insert on public.alert_deliveries
  for each row execute function rollcall.mail_only_to_confirmed();

-- Whoever wished for mails before is asked once.
insert into public.mail_confirmations (user_id, address)
  select u.id, u.email from public.mail_wishes w join auth.users u on u.id = w.user_id
  where w.alerts and not to_jsonb(u) ? 'email_confirmed_at';

revoke all on function rollcall.mail_confirmed(uuid), rollcall.mail_ask(uuid), rollcall.mail_confirm(bytea),
  rollcall.mail_only_to_confirmed() from public;
grant execute on function rollcall.mail_confirmed(uuid), rollcall.mail_ask(uuid), rollcall.mail_confirm(bytea) to rollcall_web;
