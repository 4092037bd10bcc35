-- Things to know about a profile, as episodes, and the mails about them.

-- An episode has one row: opened, repeated, closed by the opposite event, dismissed by its owner.
create table public.alerts (
  id bigint generated always as identity primary key,
  -- Without a profile and its user it is for the operators.
  user_id uuid references auth.users (id) on delete cascade,
  profile_id uuid references public.profiles (id) on delete cascade,
  kind text not null check (kind in ('list_void', 'list_partial', 'session_dead', 'challenge', 'rate_limited',
    'suspected', 'login_failed', 'endpoint_changed', 'stories_at_risk')),
  -- Which of several causes of the kind, and what `shared/alert_text.py` makes sentences of.
  subject text not null default '',
  params jsonb not null default '{}',
  job_id uuid references public.sync_jobs (id) on delete set null,
  created_at timestamptz not null default now(),
  times integer not null default 1,
  last_at timestamptz not null default now(),
  -- Closed by the opposite event, dismissed by its owner.
  closed_at timestamptz,
  dismissed_at timestamptz,
  check ((profile_id is null) = (user_id is null))
);
create index alerts_user_idx on public.alerts (user_id, profile_id, created_at desc);
create index alerts_created_idx on public.alerts (created_at);
create index alerts_job_idx on public.alerts (job_id) where job_id is not null;
create index alerts_open_idx on public.alerts (profile_id, kind, subject) where closed_at is null;
alter table public.alerts enable row level security;
revoke all on public.alerts from anon, authenticated;
create policy alerts_select on public.alerts for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
create policy alerts_update on public.alerts for update to rollcall_person
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.alerts to rollcall_person;
grant update (dismissed_at) on public.alerts to rollcall_person;
grant all on public.alerts to service_role;

-- Alerts by mail: who wishes them, and what was sent. A row is one mail; who claims it is the only one to send it.
create table public.email_preferences (
  user_id uuid primary key references auth.users (id) on delete cascade,
  alerts boolean not null,
  changed_at timestamptz not null default now()
);
alter table public.email_preferences enable row level security;
revoke all on public.email_preferences from anon, authenticated;
create policy email_preferences_select on public.email_preferences for select to rollcall_person using ((select auth.uid()) = user_id);
create policy email_preferences_insert on public.email_preferences for insert to rollcall_person
  with check ((select auth.uid()) = user_id);
create policy email_preferences_update on public.email_preferences for update to rollcall_person
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.email_preferences to rollcall_person;
grant insert (user_id, alerts) on public.email_preferences to rollcall_person;
grant update (alerts, changed_at) on public.email_preferences to rollcall_person;
grant all on public.email_preferences to service_role;

create table public.alert_deliveries (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  alert_id bigint not null references public.alerts (id) on delete cascade,
  channel text not null check (channel in ('mail')),
  -- SENDING that stays was begun by a worker that died: it may have been sent, so no one sends it again.
  state text not null default 'DUE' check (state in ('DUE', 'SENDING', 'SENT', 'FAILED')),
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  settled_at timestamptz,
  error text,
  unique (alert_id, channel)
);
create index alert_deliveries_user_idx on public.alert_deliveries (user_id, id desc);
create index alert_deliveries_due_idx on public.alert_deliveries (due_at) where state = 'DUE';
alter table public.alert_deliveries enable row level security;
revoke all on public.alert_deliveries from anon, authenticated;
create policy alert_deliveries_select on public.alert_deliveries for select to rollcall_person
  using ((select auth.uid()) = user_id);
grant select on public.alert_deliveries to rollcall_person;
grant all on public.alert_deliveries to service_role;

-- Alerts that are open and not dismissed, from after the wish and not older than a day, become due once.
create function rollcall.plan_emails() returns bigint
language sql security definer set search_path = '' as $$
  with planned as (
    insert into public.alert_deliveries (user_id, alert_id, channel)
    select a.user_id, a.id, 'mail' from public.email_preferences w join public.alerts a using (user_id)
    where w.alerts and a.dismissed_at is null and a.closed_at is null
      and a.created_at > greatest(w.changed_at, now() - interval '1 day')
      and not exists (select from public.alert_deliveries d where d.alert_id = a.id and d.channel = 'mail')
    on conflict (alert_id, channel) do nothing returning 1
  ) select count(*) from planned
$$;

-- Its owner may read the addresses of auth.users; the worker learns only those that it is to write to.
create function rollcall.claim_emails(most integer)
returns table (id bigint, attempts integer, address text, username text, profile_id uuid, kind text, subject text, params jsonb,
  platform text)
language sql security definer set search_path = '' as $$
  with due as (
    select d.id from public.alert_deliveries d where d.state = 'DUE' and d.due_at <= now()
    order by d.due_at limit most for update skip locked
  ), claimed as (
    update public.alert_deliveries d set state = 'SENDING', attempts = d.attempts + 1 from due
    where d.id = due.id and d.state = 'DUE' returning d.id, d.attempts, d.alert_id, d.user_id
  )
  select c.id, c.attempts, u.email::text, p.username, p.id, a.kind, a.subject, a.params, p.platform
  from claimed c join public.alerts a on a.id = c.alert_id join public.profiles p on p.id = a.profile_id
    join auth.users u on u.id = c.user_id
$$;

-- No alert is mailed to an address before someone who reads its mail has said yes. Supabase confirms its own accounts.
create table public.email_confirmations (
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
create index email_confirmations_due_idx on public.email_confirmations (due_at) where state = 'DUE';
create unique index email_confirmations_token_key on public.email_confirmations (token_hash);
alter table public.email_confirmations enable row level security;
revoke all on public.email_confirmations from anon, authenticated;
create policy email_confirmations_select on public.email_confirmations for select to rollcall_person using ((select auth.uid()) = user_id);
grant select (user_id, address, state, attempts, due_at, asked_at, confirmed_at) on public.email_confirmations to rollcall_person;
grant all on public.email_confirmations to service_role;

create function rollcall.mail_confirmed(account uuid) returns boolean language sql stable security definer set search_path = '' as $$
  select coalesce((
    select case when to_jsonb(u) ? 'email_confirmed_at' then to_jsonb(u) ->> 'email_confirmed_at' is not null
      else exists (select from public.email_confirmations c
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
  insert into public.email_confirmations as c (user_id, address) select u.id, u.email from auth.users u where u.id = account
    on conflict (user_id) do update set address = excluded.address, token_hash = null, state = 'DUE', attempts = 0, due_at = now(),
      asked_at = now(), confirmed_at = null;
  return found;
end
$$;

create function rollcall.mail_confirm(hash bytea) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.email_confirmations c set confirmed_at = now(), token_hash = null
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
grant execute on function rollcall.plan_emails(), rollcall.claim_emails(integer) to service_role;
grant execute on function rollcall.mail_confirmed(uuid), rollcall.mail_ask(uuid), rollcall.mail_confirm(bytea) to rollcall_web;

revoke all on all functions in schema rollcall from public;
