-- The statements of shared.store.insights.figures.

-- name: save_days
with written as (
  insert into public.insight_days as d (profile_id, metric, source, day, user_id, value, provisional, captured_at)
  select %(profile_id)s, r.metric, %(source)s, r.day, %(user_id)s, r.value, r.provisional, %(at)s
  from jsonb_to_recordset(%(rows)s) as r (metric text, day date, value numeric, provisional boolean)
  on conflict (profile_id, metric, source, day) do update
    set value = excluded.value, provisional = excluded.provisional, captured_at = excluded.captured_at,
      stored_at = now()
    where d.captured_at <= excluded.captured_at and d.user_id = excluded.user_id
  returning metric, day, value
)
-- The rows as they stood before this statement.
select count(*) as changed from written w
where not exists (
  select from public.insight_days d where d.user_id = %(user_id)s and d.profile_id = %(profile_id)s
    and d.source = %(source)s and d.metric = w.metric and d.day = w.day and d.value = w.value
)

-- name: save_totals
insert into public.insight_totals as t
  (profile_id, metric, source, first_day, last_day, user_id, value, provisional, captured_at)
select %(profile_id)s, r.metric, %(source)s, r.first_day, r.last_day, %(user_id)s, r.value, r.provisional, %(at)s
from jsonb_to_recordset(%(rows)s) as r (metric text, first_day date, last_day date, value numeric, provisional boolean)
on conflict (profile_id, metric, source, first_day, last_day) do update
  set value = excluded.value, provisional = excluded.provisional, captured_at = excluded.captured_at, stored_at = now()
  where t.captured_at <= excluded.captured_at and t.user_id = excluded.user_id

-- name: remove_unrenewed
delete from public.insight_days
where user_id = %(user_id)s and profile_id = %(profile_id)s and source = %(source)s
  and day between %(first)s and %(last)s and captured_at < %(since)s

-- name: coverage
select first_day, last_day, complete, renewed_at from public.insight_coverage
where user_id = %(user_id)s and profile_id = %(profile_id)s and source = %(source)s

-- name: last_day
select max(day) as last_day from public.insight_days
where user_id = %(user_id)s and profile_id = %(profile_id)s and source = %(source)s

-- name: cover
insert into public.insight_coverage as c
  (profile_id, source, user_id, first_day, last_day, complete, renewed_at)
values (%(profile_id)s, %(source)s, %(user_id)s, %(first)s, %(last)s, %(complete)s,
  coalesce(%(renewed_at)s::timestamptz, now()))
on conflict (profile_id, source) do update set first_day = least(c.first_day, excluded.first_day),
  last_day = greatest(c.last_day, excluded.last_day), complete = c.complete or excluded.complete,
  renewed_at = coalesce(%(renewed_at)s::timestamptz, c.renewed_at), updated_at = now()
where c.user_id = excluded.user_id

-- name: refuse
insert into public.metric_refusals as m (profile_id, source, metric, user_id, since, last_at, code)
select %(profile_id)s, %(source)s, r.metric, %(user_id)s, %(at)s, %(at)s, %(code)s
from unnest(%(refused)s::text[]) as r (metric)
on conflict (profile_id, source, metric) do update set last_at = excluded.last_at, code = excluded.code
where m.user_id = excluded.user_id

-- name: given_again
delete from public.metric_refusals
where user_id = %(user_id)s and profile_id = %(profile_id)s and source = %(source)s and metric = any(%(given)s)
