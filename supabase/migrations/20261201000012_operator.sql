-- What /metrics and the pages of an operator count. Everything here returns counts, times, codes and ids of jobs: no name, no address,
-- no id of a person or a profile, no job's args and nothing sealed. Only the web's own role may call these functions, and the web asks
-- who is looking; a person's transaction cannot call them at all.

-- Depth and age of the queue by kind and state, read from the indexes of live jobs; how many profiles are near or over their budget;
-- how many are in a cool-down, and why.
create function rollcall.prometheus_metrics() returns table (measure text, label text, state text, value double precision)
language sql stable security definer set search_path = '' as $$
  with waiting as (
    select j.kind, j.state, count(*) as jobs, count(*) filter (where j.run_at <= now()) as due,
      greatest(extract(epoch from now() - min(j.run_at)), 0) as age
      from public.sync_jobs j where j.state in ('PENDING', 'WAITING') group by j.kind, j.state
  ), running as (
    select j.kind, j.state, count(*) as jobs, count(*) filter (where j.lease_until < now()) as lost,
      greatest(extract(epoch from now() - min(j.started_at)), 0) as age
      from public.sync_jobs j where j.state in ('RUNNING', 'NEEDS_INPUT') group by j.kind, j.state
  ), budgets as (
    select case when b.day_spent >= b.per_day then 'over' when b.day_spent * 5 >= b.per_day * 4 then 'near' else 'within' end as level,
      count(*) as profiles
      from public.request_budget b where b.per_day > 0 and b.day_ends > now() group by 1
  ), cooling as (
    select coalesce(p.cooldown_code, 'not_told') as reason, count(*) as profiles
      from public.profiles p where p.cooldown_until > now() group by 1
  )
  select 'jobs', w.kind, w.state, w.jobs from waiting w
  union all select 'jobs', r.kind, r.state, r.jobs from running r
  union all select 'oldest', w.kind, w.state, w.age from waiting w
  union all select 'oldest', r.kind, r.state, r.age from running r
  union all select 'due', w.kind, null, sum(w.due) from waiting w group by w.kind
  union all select 'lost', r.kind, null, sum(r.lost) from running r group by r.kind
  union all select 'budget', b.level, null, b.profiles from budgets b
  union all select 'cooling', c.reason, null, c.profiles from cooling c
$$;
grant execute on function rollcall.prometheus_metrics() to rollcall_web;

-- Whether the account's address was confirmed; false where no one asks for that. Supabase has the column, the embedded accounts have none.
create function rollcall.email_confirmed(account uuid) returns boolean language sql stable security definer set search_path = '' as $$
  select coalesce((select to_jsonb(u) ->> 'email_confirmed_at' is not null from auth.users u where u.id = account), false)
$$;

create function rollcall.operator_health(span interval)
returns table (platform text, kind text, attempts bigint, good bigint, bad bigint, waited bigint, median double precision,
  slow double precision, last_good_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select p.platform, a.kind, count(*), count(*) filter (where a.outcome = 'COMPLETED'),
    count(*) filter (where a.outcome in ('FAILED', 'RETRY', 'LOST')),
    count(*) filter (where a.outcome in ('WAITING', 'DRAINED', 'CANCELLED')),
    percentile_cont(0.5) within group (order by extract(epoch from a.ended_at - a.started_at)) filter (where a.outcome = 'COMPLETED'),
    percentile_cont(0.95) within group (order by extract(epoch from a.ended_at - a.started_at)) filter (where a.outcome = 'COMPLETED'),
    max(a.ended_at) filter (where a.outcome = 'COMPLETED')
  from public.sync_attempts a left join public.profiles p on p.id = a.profile_id
  where a.started_at > now() - span group by p.platform, a.kind order by p.platform nulls last, a.kind
$$;

create function rollcall.operator_failures(span interval)
returns table (error_code text, gave_up bigint, tried_again bigint, waited bigint, last_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select a.error_code, count(*) filter (where a.outcome = 'FAILED'), count(*) filter (where a.outcome in ('RETRY', 'LOST')),
    count(*) filter (where a.outcome = 'WAITING'), max(a.ended_at)
  from public.sync_attempts a
  where a.started_at > now() - span and a.error_code is not null and a.outcome in ('FAILED', 'RETRY', 'LOST', 'WAITING')
  group by a.error_code order by 2 desc, 3 desc, 4 desc, 1
$$;

-- Jobs that no one works on although someone should: the worker is silent for longer than its lease, or no one took a due job whose lane is free.
create function rollcall.operator_stuck(patience interval)
returns table (id uuid, kind text, state text, silent boolean, since timestamptz, total bigint)
language sql stable security definer set search_path = '' as $$
  select s.id, s.kind, s.state, s.silent, s.since, count(*) over () from (
    select j.id, j.kind, j.state, true as silent, j.lease_until as since from public.sync_jobs j
     where j.state in ('RUNNING', 'NEEDS_INPUT') and j.lease_until < now() - interval '1 minute'
    union all
    select j.id, j.kind, j.state, false, j.run_at from public.sync_jobs j
     where j.state in ('PENDING', 'WAITING') and j.run_at < now() - patience
       and (j.lane is null or not exists (
         select from public.sync_jobs r where r.lane = j.lane and r.state in ('RUNNING', 'NEEDS_INPUT')))
  ) s order by s.since, s.id limit 100
$$;

-- A failed job that is the last word on its kind for its profile, and that needs nothing which was erased with it.
create function rollcall.may_be_retried(job public.sync_jobs) returns boolean language sql stable set search_path = '' as $$
  select job.state = 'FAILED'
    and exists (select from public.profiles p join rollcall.job_kinds k on k.name = job.kind
      where p.id = job.profile_id and p.state = any (k.again_in))
    and not exists (select from public.sync_jobs newer where newer.user_id = job.user_id and newer.profile_id = job.profile_id
      and newer.kind = job.kind and newer.seq > job.seq)
$$;

create function rollcall.operator_dead(span interval)
returns table (id uuid, kind text, error_code text, attempts bigint, ended_at timestamptz, retriable boolean, total bigint)
language sql stable security definer set search_path = '' as $$
  with dead as (
    select j.*, count(*) over () as total from public.sync_jobs j
     where j.state = 'FAILED' and j.ended_at > now() - span order by j.ended_at desc, j.id limit 100
  )
  select d.id, d.kind, d.error_code, (select count(*) from public.sync_attempts a where a.job_id = d.id), d.ended_at,
    rollcall.may_be_retried(j), d.total
  from dead d join public.sync_jobs j on j.id = d.id order by d.ended_at desc, d.id
$$;

-- The same work once more, as a new job: what has ended stays as it ended. NULL where that cannot be.
create function rollcall.operator_retry(job uuid) returns uuid language sql security definer set search_path = '' as $$
  insert into public.sync_jobs (user_id, profile_id, kind, priority, args, max_attempts)
  select j.user_id, j.profile_id, j.kind, j.priority, j.args, j.max_attempts
    from public.sync_jobs j where j.id = job and rollcall.may_be_retried(j)
  on conflict do nothing returning id
$$;

-- A profile that only its person can free is not counted among those in a cool-down.
create function rollcall.operator_cooldowns()
returns table (platform text, reason text, profiles bigint, first_end timestamptz, last_end timestamptz)
language sql stable security definer set search_path = '' as $$
  select p.platform, coalesce(p.cooldown_code, ''), count(*), min(p.cooldown_until), max(p.cooldown_until)
  from public.profiles p where p.cooldown_until > now() and p.state in ('CONNECTED', 'COOLING_DOWN')
  group by 1, 2 order by 3 desc, 1, 2
$$;

create function rollcall.operator_connections(soon interval)
returns table (platform text, method text, active bigint, over bigint, ends_soon bigint, needs_person bigint, first_end timestamptz)
language sql stable security definer set search_path = '' as $$
  select p.platform, c.method, count(*) filter (where c.state in ('ACTIVE', 'COOLING_DOWN')),
    count(*) filter (where c.state = 'ACTIVE' and c.expires_at <= now()),
    count(*) filter (where c.state = 'ACTIVE' and c.expires_at > now() and c.expires_at <= now() + soon),
    count(*) filter (where c.state in ('EXPIRED', 'CHALLENGED')),
    min(c.expires_at) filter (where c.state = 'ACTIVE' and c.expires_at > now())
  from public.connections c join public.profiles p on p.id = c.profile_id
  where c.state <> 'REVOKED' group by 1, 2 order by 1, 2
$$;

-- Sizes are exact; rows are what the last ANALYZE estimated, NULL before the first.
create function rollcall.operator_tables() returns table (name text, rows bigint, bytes bigint, database_bytes bigint)
language sql stable security definer set search_path = '' as $$
  select n.nspname || '.' || c.relname, case when c.reltuples >= 0 then c.reltuples::bigint end, pg_total_relation_size(c.oid),
    pg_database_size(current_database())
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname in ('public', 'rollcall') and c.relkind in ('r', 'm') order by 3 desc, 1
$$;

create function rollcall.operator_exports() returns table (files bigint, bytes bigint, over bigint, over_bytes bigint)
language sql stable security definer set search_path = '' as $$
  select count(*), coalesce(sum(e.byte_count), 0)::bigint, count(*) filter (where e.expires_at <= now()),
    coalesce(sum(e.byte_count) filter (where e.expires_at <= now()), 0)::bigint
  from public.exports e where e.path is not null
$$;

-- A worker that was given nothing in this time is not known here.
create function rollcall.operator_workers(span interval)
returns table (worker text, first_at timestamptz, last_at timestamptz, attempts bigint, failed bigint, running bigint)
language sql stable security definer set search_path = '' as $$
  select a.worker, min(a.started_at), max(coalesce(a.ended_at, a.started_at)), count(*),
    count(*) filter (where a.outcome in ('FAILED', 'RETRY', 'LOST')), count(*) filter (where a.ended_at is null)
  from public.sync_attempts a where a.started_at > now() - span group by a.worker order by 3 desc, 1 limit 200
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
grant execute on function rollcall.email_confirmed(uuid), rollcall.operator_health(interval), rollcall.operator_failures(interval),
  rollcall.operator_stuck(interval), rollcall.operator_dead(interval), rollcall.operator_retry(uuid), rollcall.operator_cooldowns(),
  rollcall.operator_connections(interval), rollcall.operator_tables(), rollcall.operator_exports(), rollcall.operator_workers(interval)
  to rollcall_web;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.is_operator(text, uuid), rollcall.operators_named(text[]) to rollcall_web;
