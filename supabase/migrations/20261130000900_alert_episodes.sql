-- An alert is an episode: one row per cause, opened, repeated, closed by the opposite event, dismissed by its owner.
alter table public.alerts
  add column subject text not null default '',
  add column times integer not null default 1,
  add column last_at timestamptz not null default now(),
  add column closed_at timestamptz;
update public.alerts set last_at = created_at;
-- Of the rows of one cause only the newest stays open; a route that came back closes its own.
update public.alerts a set closed_at = now()
where a.kind = 'route_back' or exists (
  select from public.alerts n where n.profile_id = a.profile_id and n.id > a.id
    and (n.kind = a.kind or (a.kind = 'route_changed' and n.kind = 'route_back'))
);
create index alerts_open_idx on public.alerts (profile_id, kind, subject) where closed_at is null;

-- Alerts that are open and not dismissed, from after the wish and not older than a day, become due once.
create or replace function rollcall.plan_mails() returns bigint
language sql security definer set search_path = '' as $$
  with planned as (
    insert into public.alert_deliveries (user_id, alert_id, channel)
    select a.user_id, a.id, 'mail' from public.mail_wishes w join public.alerts a using (user_id)
    where w.alerts and a.seen_at is null and a.closed_at is null
      and a.created_at > greatest(w.changed_at, now() - interval '1 day')
      and not exists (select from public.alert_deliveries d where d.alert_id = a.id and d.channel = 'mail')
    on conflict (alert_id, channel) do nothing returning 1
  ) select count(*) from planned
$$;
