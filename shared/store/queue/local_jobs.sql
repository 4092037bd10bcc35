-- The long statement of shared.store.queue.local_jobs.

-- name: begin_connect
-- Running from its start, for a process that has a token of the person's and connects the account itself.
with begun as (
  insert into public.sync_jobs
    (user_id, kind, state, args, max_attempts, fence, claim_no, worker, lease_until, started_at)
  values (%(user_id)s, 'CONNECT', 'RUNNING', %(args)s, 1, 1, nextval('rollcall.claim_numbers'), %(worker)s,
    now() + %(lease)s, now())
  returning id, user_id, profile_id, connection_id, kind, fence, attempt, args, cursor, sealed, priority
), tried as (
  insert into public.sync_attempts (user_id, job_id, kind, fence, worker)
  select user_id, id, kind, fence, %(worker)s from begun
)
select * from begun
