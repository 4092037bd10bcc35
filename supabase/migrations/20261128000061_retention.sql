-- What the cleaner looks for, and what points at the jobs that it removes: without these each removed job would read whole tables.
create index if not exists sync_jobs_ended_idx on public.sync_jobs (ended_at) where ended_at is not null;
-- By their start, which never changes, so that the end of an attempt is still written beside the row.
create index if not exists alerts_created_idx on public.alerts (created_at);

create index if not exists list_runs_job_idx on public.list_runs (job_id) where job_id is not null;
create index if not exists media_runs_job_idx on public.media_runs (job_id) where job_id is not null;
create index if not exists exports_job_idx on public.exports (job_id) where job_id is not null;
create index if not exists imports_job_idx on public.imports (job_id) where job_id is not null;
create index if not exists alerts_job_idx on public.alerts (job_id) where job_id is not null;
