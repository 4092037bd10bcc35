-- Episodes for the operators: alerts without a profile, and one mail about each to every operator.
alter table public.alerts drop constraint alerts_kind_check, add constraint alerts_kind_check
  check (kind in ('list_void', 'list_partial', 'session_dead', 'challenge', 'rate_limited', 'suspected', 'login_failed',
    'endpoint_changed', 'stories_at_risk', 'jobs_failing', 'tokens_ended', 'quota_low'));
create index alerts_operators_idx on public.alerts (kind, subject) where profile_id is null;

-- A row is one mail; who claims it is the only one to send it. SENDING that stays was begun by a worker that died: it may have been
-- sent, so no one sends it again.
create table rollcall.operator_mails (
  id bigint generated always as identity primary key,
  alert_id bigint not null references public.alerts (id) on delete cascade,
  address text not null,
  state text not null default 'DUE' check (state in ('DUE', 'SENDING', 'SENT', 'FAILED')),
  attempts integer not null default 0,
  due_at timestamptz not null default now(),
  settled_at timestamptz,
  error text,
  unique (alert_id, address)
);
create index operator_mails_due_idx on rollcall.operator_mails (due_at) where state = 'DUE';
alter table rollcall.operator_mails enable row level security;
grant select, insert, update, delete on rollcall.operator_mails to service_role;

-- What is going on now, for the pages of operators. No id of a person, a profile or a connection leaves it.
create function rollcall.operator_episodes()
returns table (id bigint, kind text, subject text, params jsonb, created_at timestamptz, last_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select a.id, a.kind, a.subject, a.params, a.created_at, a.last_at
  from public.alerts a where a.profile_id is null and a.closed_at is null order by a.created_at desc, a.id desc limit 50
$$;
revoke all on function rollcall.operator_episodes() from public;
grant execute on function rollcall.operator_episodes() to rollcall_web;
