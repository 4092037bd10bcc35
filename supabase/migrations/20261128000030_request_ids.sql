-- The request that asked for a job, so that the web's log lines lead to the worker's. The web says it once in its transaction, as it says
-- who is asking; a job that a schedule made has none.
alter table public.sync_jobs
  add column request_id text default left(nullif(current_setting('rollcall.request_id', true), ''), 64);
