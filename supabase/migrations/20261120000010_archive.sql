-- The official export: what was handed over, and what only it tells.
create table public.imports (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  job_id uuid references public.sync_jobs (id) on delete set null,
  filenames text[] not null,
  -- Where the files lie until the job ends; NULL when they are removed.
  paths text[],
  byte_count bigint not null,
  -- When the export was made, by its own account.
  taken_at timestamptz,
  -- What was found and what was skipped, by kind (worker/jobs/files/import_report.py).
  report jsonb not null default '{}',
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create index imports_user_idx on public.imports (user_id, profile_id, created_at desc);
create index imports_files_idx on public.imports (created_at) where paths is not null;
alter table public.imports enable row level security;
revoke all on public.imports from anon, authenticated;
create policy imports_select on public.imports for select to authenticated using ((select auth.uid()) = user_id);
create policy imports_insert on public.imports for insert to authenticated
  with check ((select auth.uid()) = user_id
    and exists (select from public.profiles p where p.id = profile_id and p.user_id = (select auth.uid())));
create policy imports_update on public.imports for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.imports to authenticated;
grant insert (id, user_id, profile_id, filenames, paths, byte_count) on public.imports to authenticated;
grant update (job_id) on public.imports to authenticated;
grant all on public.imports to service_role;

-- The account's own posts as an export lists them: without the platform's id, and without counts.
create table public.archive_media (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null check (kind in ('post', 'reel', 'story')),
  posted_at timestamptz not null,
  uri text not null default '',
  caption text,
  files integer not null,
  unique (profile_id, kind, posted_at, uri)
);
create index archive_media_user_idx on public.archive_media (user_id, profile_id, posted_at desc);
alter table public.archive_media enable row level security;
revoke all on public.archive_media from anon, authenticated;
create policy archive_media_select on public.archive_media for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.archive_media to authenticated;
grant all on public.archive_media to service_role;

-- Official figures. `value` is a count, or per hundred where the metric says percent or the row has a breakdown.
create table public.insights (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  source text not null check (source in ('archive')),
  metric text not null,
  period text not null check (period in ('lifetime', 'range')),
  started_on timestamptz,
  ended_on timestamptz,
  breakdown text,
  -- The post or reel that it is about, by its time of posting; its row where it was read, too.
  posted_at timestamptz,
  media_id bigint references public.media (id) on delete set null,
  value numeric not null,
  captured_at timestamptz not null,
  check ((period = 'range') = (ended_on is not null)),
  unique nulls not distinct (profile_id, source, metric, period, started_on, ended_on, breakdown, posted_at)
);
create index insights_user_idx on public.insights (user_id, profile_id, captured_at desc);
create index insights_media_idx on public.insights (media_id) where media_id is not null;
alter table public.insights enable row level security;
revoke all on public.insights from anon, authenticated;
create policy insights_select on public.insights for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.insights to authenticated;
grant all on public.insights to service_role;
