-- Alerts by mail: who wishes them, and what was sent. A row is one mail; who claims it is the only one to send it.
create table public.mail_wishes (
  user_id uuid primary key references auth.users (id) on delete cascade,
  alerts boolean not null,
  changed_at timestamptz not null default now()
);
alter table public.mail_wishes enable row level security;
revoke all on public.mail_wishes from anon, authenticated;
create policy mail_wishes_select on public.mail_wishes for select to authenticated using ((select auth.uid()) = user_id);
create policy mail_wishes_insert on public.mail_wishes for insert to authenticated
  with check ((select auth.uid()) = user_id);
create policy mail_wishes_update on public.mail_wishes for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.mail_wishes to authenticated;
grant insert (user_id, alerts) on public.mail_wishes to authenticated;
grant update (alerts, changed_at) on public.mail_wishes to authenticated;
grant all on public.mail_wishes to service_role;

create table public.alert_deliveries (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  alert_id bigint not null references public.alerts (id) on delete cascade,
  channel text not null check (channel in ('mail')),
  -- SENDING that stays was begun by a worker that died: it may have been sent, so nobody sends it again.
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
create policy alert_deliveries_select on public.alert_deliveries for select to authenticated
  using ((select auth.uid()) = user_id);
grant select on public.alert_deliveries to authenticated;
grant all on public.alert_deliveries to service_role;

-- Alerts that nobody has put away, from after the wish and not older than a day, become due once.
create function rollcall.plan_mails() returns bigint
language sql security definer set search_path = '' as $$
  with planned as (
    insert into public.alert_deliveries (user_id, alert_id, channel)
    select a.user_id, a.id, 'mail' from public.mail_wishes w join public.alerts a using (user_id)
    where w.alerts and a.seen_at is null and a.created_at > greatest(w.changed_at, now() - interval '1 day')
      and not exists (select from public.alert_deliveries d where d.alert_id = a.id and d.channel = 'mail')
    on conflict (alert_id, channel) do nothing returning 1
  ) select count(*) from planned
$$;

-- Its owner may read the addresses of auth.users; the worker learns only those that it is to write to.
create function rollcall.claim_mails(most integer)
returns table (id bigint, attempts integer, address text, username text, profile_id uuid, message text)
language sql security definer set search_path = '' as $$
  with due as (
    select d.id from public.alert_deliveries d where d.state = 'DUE' and d.due_at <= now()
    order by d.due_at limit most for update skip locked
  ), claimed as (
    update public.alert_deliveries d set state = 'SENDING', attempts = d.attempts + 1 from due
    where d.id = due.id and d.state = 'DUE' returning d.id, d.attempts, d.alert_id, d.user_id
  )
  select c.id, c.attempts, u.email::text, p.username, p.id, a.message
  from claimed c join public.alerts a on a.id = c.alert_id join public.profiles p on p.id = a.profile_id
    join auth.users u on u.id = c.user_id
$$;
revoke execute on function rollcall.plan_mails(), rollcall.claim_mails(integer) from public;
grant execute on function rollcall.plan_mails(), rollcall.claim_mails(integer) to service_role;
