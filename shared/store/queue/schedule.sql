-- The long statement of shared.store.queue.schedule.

-- name: enqueue_due
-- Starts are spread over a twentieth of the interval, ten minutes at most, so that profiles do not begin together.
with due as (
  select s.profile_id, s.kind, s.user_id, s.every from public.schedules s
  where s.is_active and s.next_at <= now() and not exists (
    select from public.profiles p where p.id = s.profile_id and p.cooldown_until > now()
  )
  order by s.next_at limit %(limit)s for no key update of s skip locked
), moved as (
  update public.schedules s set next_at = now() + s.every, updated_at = now()
  from due where s.profile_id = due.profile_id and s.kind = due.kind
), made as (
  insert into public.sync_jobs (user_id, profile_id, kind, priority, run_at)
  select user_id, profile_id, kind, %(priority)s,
    now() + random() * least(every / 20, interval '10 minutes')
  from due
  on conflict do nothing returning id
)
select count(*) as made from made
