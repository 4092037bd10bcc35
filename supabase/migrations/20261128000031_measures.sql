-- What /metrics and the operator's pages count. Everything here returns numbers only, and is for the web's own role alone: a person's
-- transaction cannot call it, and nothing of anybody's data leaves it.
create index profiles_cooldown_idx on public.profiles (cooldown_until) where cooldown_until is not null;

-- Depth and age of the queue by kind and state, read from the indexes of live jobs; how many profiles are near or over their budget;
-- how many rest, and why.
create function rollcall.measures() returns table (measure text, label text, state text, value double precision)
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
  ), resting as (
    select coalesce(p.rest_code, 'not_told') as reason, count(*) as profiles
      from public.profiles p where p.cooldown_until > now() group by 1
  )
  select 'jobs', w.kind, w.state, w.jobs from waiting w
  union all select 'jobs', r.kind, r.state, r.jobs from running r
  union all select 'oldest', w.kind, w.state, w.age from waiting w
  union all select 'oldest', r.kind, r.state, r.age from running r
  union all select 'due', w.kind, null, sum(w.due) from waiting w group by w.kind
  union all select 'lost', r.kind, null, sum(r.lost) from running r group by r.kind
  union all select 'budget', b.level, null, b.profiles from budgets b
  union all select 'resting', r.reason, null, r.profiles from resting r
$$;
revoke all on function rollcall.measures() from public;
grant execute on function rollcall.measures() to rollcall_web;
