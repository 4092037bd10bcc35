-- The long statement of shared.store.files.imports.

-- name: begin
-- Running from its start, for a process that uploads a data download and reads it itself.
with begun as (
  insert into public.sync_jobs
    (user_id, profile_id, kind, state, args, max_attempts, fence, worker, lease_until, started_at)
  select user_id, id, 'IMPORT', 'RUNNING', %(args)s, 1, 1, %(worker)s, now() + %(lease)s, now()
  from public.profiles where id = %(profile_id)s and state <> 'DELETING'
  on conflict do nothing
  returning id, user_id, profile_id, kind, fence, attempt, args, cursor, sealed, priority
), tried as (
  insert into public.sync_attempts (user_id, job_id, profile_id, kind, fence, worker)
  select user_id, id, profile_id, kind, fence, %(worker)s from begun
), wished as (
  insert into public.imports (id, user_id, profile_id, job_id, filenames, paths, byte_count)
  select %(import_id)s, user_id, profile_id, id, %(filenames)s, %(paths)s, %(size)s from begun
)
select * from begun
