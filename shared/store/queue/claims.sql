-- The statements of shared.store.queue.claims. Each one for a claimed job carries its fence.

-- name: claim
select id, user_id, profile_id, connection_id, kind, fence, attempt, args, cursor, sealed, priority, request_id
from rollcall.claim_jobs(
  %(worker)s, %(lease)s, %(kinds)s, %(limit)s, %(levels)s::smallint[], %(floors)s::timestamptz[])

-- name: levels
select level, floor from rollcall.due_priorities(%s::smallint[], %s::timestamptz[])

-- name: prove
-- A working worker is alive, so the proof extends the lease like a beat. A transaction's now() may be old by then.
update public.sync_jobs set updated_at = now(), lease_until = clock_timestamp() + %(lease)s
where id = %(id)s and fence = %(fence)s and state in ('RUNNING', 'NEEDS_INPUT')
returning id

-- name: beat
-- The step's start and its progress at that time are kept while the step stays the same.
update public.sync_jobs set updated_at = now(), lease_until = clock_timestamp() + %(lease)s,
  progress = case
    when %(progress)s::jsonb is null then progress
    when progress ->> 'step' = %(progress)s::jsonb ->> 'step' and progress ? 'step_started_at'
      then progress || %(progress)s::jsonb
    else %(progress)s::jsonb
      || jsonb_build_object('step_started_at', now(), 'started_from', %(progress)s::jsonb -> 'done')
  end
where id = %(id)s and fence = %(fence)s and state in ('RUNNING', 'NEEDS_INPUT')
returning cancel_requested_at is not null as cancelled

-- name: replace_sealed
update public.sync_jobs set sealed = %(sealed)s, sealed_expires_at = %(expires_at)s, updated_at = now()
where id = %(id)s and fence = %(fence)s and state in ('RUNNING', 'NEEDS_INPUT')

-- name: save_cursor
with saved as (
  update public.sync_jobs set cursor = %(cursor)s, updated_at = now(),
    attempt = case when %(items)s > 0 then 0 else attempt end
  where id = %(id)s and fence = %(fence)s and state in ('RUNNING', 'NEEDS_INPUT')
  returning id, fence
), counted as (
  update public.sync_attempts a set items = a.items + %(items)s from saved
  where a.job_id = saved.id and a.fence = saved.fence
)
select id from saved

-- name: failures
select attempt, max_attempts from public.sync_jobs
where id = %(id)s and fence = %(fence)s and state in ('RUNNING', 'NEEDS_INPUT')

-- name: settle
-- A job with a stop request does not return to the queue.
with settled as (
  update public.sync_jobs set updated_at = now(),
    state = case when cancel_requested_at is not null and %(again)s then 'CANCELLED' else %(state)s end,
    run_at = case when %(again)s then greatest(now() + %(after)s, %(until)s) else run_at end,
    attempt = attempt + %(counts)s::int, error_code = %(error_code)s, error_params = %(error_params)s,
    progress = progress || coalesce(%(progress)s, '{}'::jsonb)
  where id = %(id)s and fence = %(fence)s and state in ('RUNNING', 'NEEDS_INPUT')
  returning id, fence, state, run_at
), closed as (
  update public.sync_attempts a set ended_at = now(),
    outcome = case settled.state when 'CANCELLED' then 'CANCELLED' else %(outcome)s end,
    error_code = %(error_code)s, error_params = %(error_params)s, rate_limited = %(rate_limited)s,
    rate_limit_reset = case when %(rate_limited)s then settled.run_at end
  from settled where a.job_id = settled.id and a.fence = settled.fence
)
select state, run_at from settled

-- name: start_cooldown
update public.connections c set updated_at = now(),
  cooldown_code = case when c.cooldown_until > w.until and c.cooldown_code is not null then c.cooldown_code
    else %(code)s end,
  cooldowns = case when not %(objected)s then c.cooldowns when c.cooldown_until > now() - %(calm)s
    then c.cooldowns + 1 else 1 end,
  cooldown_until = greatest(c.cooldown_until, w.until)
from (select greatest(now() + %(length)s, %(until)s) as until) w
where c.user_id = %(user_id)s and c.id = %(connection_id)s
returning c.cooldown_until

-- name: next_cooldown
select case when cooldown_until > now() - %(calm)s then cooldowns + 1 else 1 end as nth
from public.connections where user_id = %(user_id)s and id = %(connection_id)s

-- name: postpone
update public.sync_jobs set state = 'WAITING', run_at = %(until)s, updated_at = now()
where id in (
  select id from public.sync_jobs
  where user_id = %(user_id)s and lane = %(connection_id)s
    and kind <> 'LOGIN' and state in ('PENDING', 'WAITING') and run_at < %(until)s
    and exists (select from public.connections c where c.id = lane and c.state = 'ACTIVE')
  for update skip locked
)

-- name: end_waiting
update public.sync_jobs set state = 'FAILED', ended_at = now(), updated_at = now(), sealed = null,
  error_code = %(code)s, error_params = %(params)s
where id in (
  select id from public.sync_jobs
  where user_id = %(user_id)s and lane = %(connection_id)s
    and kind <> 'LOGIN' and state in ('PENDING', 'WAITING')
  for update skip locked
)

-- name: ask
update public.sync_jobs set updated_at = now(),
  state = 'NEEDS_INPUT', input_request = %(request)s, sealed_input = null
where id = %(id)s and fence = %(fence)s and state in ('RUNNING', 'NEEDS_INPUT')
returning id

-- name: stop_asking
update public.sync_jobs set updated_at = now(), state = 'RUNNING'
where id = %(id)s and fence = %(fence)s and state in ('RUNNING', 'NEEDS_INPUT')
returning id

-- name: take_answer
-- Read and erased in one statement.
with asked as (
  select id, sealed_input from public.sync_jobs
  where id = %(id)s and fence = %(fence)s and state = 'NEEDS_INPUT' and (sealed_input is not null or %(give_up)s)
  for update
)
update public.sync_jobs j set state = 'RUNNING', updated_at = now() from asked where j.id = asked.id
returning asked.sealed_input
