-- Official figures of a profile: its days, its totals, its audience; and how many calls were made for them.

-- One day of one metric (shared/domain/metrics), as the platform counts its days.
create table public.insight_days (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  metric text collate "C" not null,
  -- The method of the connection that read it.
  source text collate "C" not null,
  day date not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  value numeric not null,
  -- The platform may still change it.
  provisional boolean not null,
  captured_at timestamptz not null,
  -- By this database's clock; `captured_at` is the platform's.
  stored_at timestamptz not null default now(),
  primary key (profile_id, metric, source, day)
);
create index insight_days_user_idx on public.insight_days (user_id, profile_id, day);
alter table public.insight_days enable row level security;
revoke all on public.insight_days from anon, authenticated;
create policy insight_days_select on public.insight_days for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.insight_days to rollcall_person;
grant all on public.insight_days to service_role;

-- One metric over a range of days, as the platform gave it; never a sum of ours.
create table public.insight_totals (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  metric text collate "C" not null,
  source text collate "C" not null,
  first_day date not null,
  last_day date not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  value numeric not null,
  provisional boolean not null,
  captured_at timestamptz not null,
  -- By this database's clock; `captured_at` is the platform's.
  stored_at timestamptz not null default now(),
  check (first_day <= last_day),
  primary key (profile_id, metric, source, first_day, last_day)
);
create index insight_totals_user_idx on public.insight_totals (user_id, profile_id, last_day);
alter table public.insight_totals enable row level security;
revoke all on public.insight_totals from anon, authenticated;
create policy insight_totals_select on public.insight_totals for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.insight_totals to rollcall_person;
grant all on public.insight_totals to service_role;

-- The audience of a range of days by one breakdown, such as age and gender; `keys` holds a value for each dimension of it, in its order.
create table public.audience_shares (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  source text collate "C" not null,
  breakdown text collate "C" not null,
  keys text[] not null check (cardinality(keys) > 0),
  metric text collate "C" not null,
  first_day date not null,
  last_day date not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  value numeric not null,
  captured_at timestamptz not null,
  -- By this database's clock; `captured_at` is the platform's.
  stored_at timestamptz not null default now(),
  check (first_day <= last_day),
  primary key (profile_id, source, breakdown, last_day, first_day, metric, keys)
);
create index audience_shares_user_idx on public.audience_shares (user_id, profile_id, last_day);
alter table public.audience_shares enable row level security;
revoke all on public.audience_shares from anon, authenticated;
create policy audience_shares_select on public.audience_shares for select to rollcall_person
  using ((select rollcall.visible_user()) = user_id);
grant select on public.audience_shares to rollcall_person;
grant all on public.audience_shares to service_role;

-- The days of a profile that were asked for, with figures or without, so that the next sync asks for the missing ones.
create table public.insight_coverage (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  source text collate "C" not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  first_day date not null,
  last_day date not null,
  -- Nothing lies before the first day.
  complete boolean not null default false,
  -- When the whole range was last asked for anew.
  renewed_at timestamptz not null,
  updated_at timestamptz not null default now(),
  check (first_day <= last_day),
  primary key (profile_id, source)
);
create index insight_coverage_user_idx on public.insight_coverage (user_id, profile_id);
alter table public.insight_coverage enable row level security;
revoke all on public.insight_coverage from anon, authenticated;
create policy insight_coverage_select on public.insight_coverage for select to rollcall_person
  using ((select rollcall.visible_user()) = user_id);
grant select on public.insight_coverage to rollcall_person;
grant all on public.insight_coverage to service_role;

-- A metric or a breakdown that the platform refuses to a profile while it gives others: "n/a since".
create table public.metric_refusals (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  source text collate "C" not null,
  metric text collate "C" not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  since timestamptz not null,
  last_at timestamptz not null,
  -- The code of the error (`shared/error_text.py`).
  code text not null,
  primary key (profile_id, source, metric)
);
create index metric_refusals_user_idx on public.metric_refusals (user_id, profile_id);
alter table public.metric_refusals enable row level security;
revoke all on public.metric_refusals from anon, authenticated;
create policy metric_refusals_select on public.metric_refusals for select to rollcall_person
  using ((select rollcall.visible_user()) = user_id);
grant select on public.metric_refusals to rollcall_person;
grant all on public.metric_refusals to service_role;

-- What a platform lends for a time is looked for by its age (shared/store/deletion/lent_figures.py), by this database's clock.
alter table public.profile_counts add column stored_at timestamptz not null default now();
alter table public.media_metrics add column stored_at timestamptz not null default now();
create index insight_days_lent_idx on public.insight_days (source, stored_at) where source <> 'browser';
create index insight_totals_lent_idx on public.insight_totals (source, stored_at) where source <> 'browser';
create index audience_shares_lent_idx on public.audience_shares (source, stored_at) where source <> 'browser';
create index profile_counts_lent_idx on public.profile_counts (source, stored_at) where source <> 'browser';
create index profiles_platform_idx on public.profiles (platform);
create index media_metrics_lent_idx on public.media_metrics (source, stored_at) where source <> 'browser';

-- What a connection spent of a quota in one of the quota's days.
create table public.api_calls (
  connection_id uuid not null references public.connections (id) on delete cascade,
  quota text collate "C" not null,
  day date not null,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  calls integer not null default 0 check (calls >= 0),
  units integer not null default 0 check (units >= 0),
  primary key (connection_id, quota, day)
);
create index api_calls_user_idx on public.api_calls (user_id, profile_id, day);
create index api_calls_day_idx on public.api_calls (day);
alter table public.api_calls enable row level security;
revoke all on public.api_calls from anon, authenticated;
create policy api_calls_select on public.api_calls for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.api_calls to rollcall_person;
grant all on public.api_calls to service_role;

-- What the app of this installation spent of a quota, for all accounts together; and until when the platform says that it is spent.
create table rollcall.api_quotas (
  quota text collate "C" not null,
  day date not null,
  calls bigint not null default 0,
  units bigint not null default 0,
  -- The limit that the worker kept to last; NULL where none is known.
  day_limit integer,
  spent_until timestamptz,
  updated_at timestamptz not null default now(),
  primary key (quota, day)
);
alter table rollcall.api_quotas enable row level security;
grant select, insert, update, delete on rollcall.api_quotas to service_role;

-- Counts one call before it is made. Granted, or refused until the quota's next day: to what no person started from 90 % of the
-- limit on, to everything where the limit or the platform ends it. The row of the quota is held for this statement only.
create function rollcall.count_call(of_user uuid, of_connection uuid, of_quota text, cost integer, day_limit integer, zone text,
  by_person boolean, at timestamptz default null)
returns table (granted boolean, until timestamptz, spent boolean)
language plpgsql set search_path = '' as $$
declare
  clock constant timestamptz := coalesce(at, clock_timestamp());
  today constant date := (clock at time zone zone)::date;
  q rollcall.api_quotas;
begin
  insert into rollcall.api_quotas (quota, day) values (of_quota, today) on conflict do nothing;
  select * into strict q from rollcall.api_quotas a where a.quota = of_quota and a.day = today for update;
  spent := coalesce(q.spent_until > clock, false) or coalesce(q.units + cost > count_call.day_limit, false);
  granted := not spent and (by_person or coalesce((q.units + cost) * 10 <= count_call.day_limit::bigint * 9, true));
  until := case when granted then clock else greatest(q.spent_until, (today + 1)::timestamp at time zone zone) end;
  if granted then
    insert into public.api_calls as c (connection_id, quota, day, profile_id, user_id, calls, units)
      select n.id, of_quota, today, n.profile_id, n.user_id, 1, cost from public.connections n
       where n.id = of_connection and n.user_id = of_user
    on conflict (connection_id, quota, day) do update set calls = c.calls + 1, units = c.units + excluded.units;
  end if;
  update rollcall.api_quotas a set calls = a.calls + granted::integer, units = a.units + case when granted then cost else 0 end,
    day_limit = count_call.day_limit, updated_at = now()
   where a.quota = of_quota and a.day = today;
  return next;
end
$$;

-- The platform says that the quota is spent, whatever was counted here.
create function rollcall.quota_is_spent(of_quota text, zone text, until timestamptz, at timestamptz default null)
returns void language sql set search_path = '' as $$
  insert into rollcall.api_quotas as a (quota, day, spent_until)
    values (of_quota, (coalesce(at, clock_timestamp()) at time zone zone)::date, until)
  on conflict (quota, day) do update set spent_until = greatest(a.spent_until, excluded.spent_until), updated_at = now()
$$;

-- For operators, as the other counts of theirs: each quota on its newest day, and what a connection used of it on a day of the week
-- before. No id of a person or a profile leaves it.
create function rollcall.operator_quotas()
returns table (quota text, day date, calls bigint, units bigint, day_limit integer, spent_until timestamptz, connections bigint,
  usual double precision)
language sql stable security definer set search_path = '' as $$
  select distinct on (q.quota) q.quota, q.day, q.calls, q.units, q.day_limit, q.spent_until,
    (select count(*) from public.api_calls c where c.quota = q.quota and c.day = q.day),
    (select avg(c.units)::double precision from public.api_calls c
      where c.quota = q.quota and c.day < q.day and c.day >= q.day - 7)
  from rollcall.api_quotas q order by q.quota, q.day desc
$$;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.operator_quotas() to rollcall_web;
grant execute on function rollcall.count_call(uuid, uuid, text, integer, integer, text, boolean, timestamptz),
  rollcall.quota_is_spent(text, text, timestamptz, timestamptz) to service_role;
