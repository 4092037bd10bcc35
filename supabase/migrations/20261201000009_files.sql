-- Files that Rollcall writes, files that a person hands over, and what only those tell.
create table public.exports (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  -- NULL for a file of the whole account.
  profile_id uuid references public.profiles (id) on delete cascade,
  job_id uuid references public.sync_jobs (id) on delete set null,
  what text not null check (what in ('followers', 'following', 'mutual', 'fans', 'not-following-back', 'new', 'lost', 'renamed',
    'changes', 'media', 'days', 'account')),
  format text not null check (format in ('csv', 'xlsx', 'zip')),
  filters jsonb not null default '{}',
  path text,
  filename text,
  row_count bigint,
  byte_count bigint,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  expires_at timestamptz
);
create index exports_user_idx on public.exports (user_id, profile_id, created_at desc);
create index exports_expiry_idx on public.exports (expires_at) where path is not null;
create index exports_job_idx on public.exports (job_id) where job_id is not null;
alter table public.exports enable row level security;
revoke all on public.exports from anon, authenticated;
create policy exports_select on public.exports for select to rollcall_person
  using ((select rollcall.visible_user()) = user_id and (profile_id is not null or (select auth.uid()) = user_id));
create policy exports_insert on public.exports for insert to rollcall_person
  with check ((select auth.uid()) = user_id
    and exists (select from public.profiles p where p.id = profile_id and p.user_id = (select auth.uid())));
create policy exports_update on public.exports for update to rollcall_person
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy exports_delete on public.exports for delete to rollcall_person using ((select auth.uid()) = user_id);
grant select, delete on public.exports to rollcall_person;
grant insert (id, user_id, profile_id, what, format, filters) on public.exports to rollcall_person;
grant update (job_id) on public.exports to rollcall_person;
grant all on public.exports to service_role;

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
create index imports_job_idx on public.imports (job_id) where job_id is not null;
alter table public.imports enable row level security;
revoke all on public.imports from anon, authenticated;
create policy imports_select on public.imports for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
create policy imports_insert on public.imports for insert to rollcall_person
  with check ((select auth.uid()) = user_id
    and exists (select from public.profiles p where p.id = profile_id and p.user_id = (select auth.uid())));
create policy imports_update on public.imports for update to rollcall_person
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.imports to rollcall_person;
grant insert (id, user_id, profile_id, filenames, paths, byte_count) on public.imports to rollcall_person;
grant update (job_id) on public.imports to rollcall_person;
grant all on public.imports to service_role;

-- The account's own posts as an export lists them: without the platform's id, and without counts.
create table public.imported_media (
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
create index imported_media_user_idx on public.imported_media (user_id, profile_id, posted_at desc);
alter table public.imported_media enable row level security;
revoke all on public.imported_media from anon, authenticated;
create policy imported_media_select on public.imported_media for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.imported_media to rollcall_person;
grant all on public.imported_media to service_role;

-- Official figures. `value` is a count, or per hundred where the metric says percent or the row has a breakdown.
create table public.insights (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  source text not null,
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
-- The pages ask for the account's own figures, and whether any belong to a post that no browser has read; an export may bring
-- thousands of figures of posts, and neither question shall look through them.
create index insights_account_idx on public.insights (user_id, profile_id, captured_at desc) where posted_at is null;
create index insights_unread_idx on public.insights (user_id, profile_id, posted_at) where posted_at is not null and media_id is null;
alter table public.insights enable row level security;
revoke all on public.insights from anon, authenticated;
create policy insights_select on public.insights for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.insights to rollcall_person;
grant all on public.insights to service_role;

-- A person's import names files below their own folder only, and belongs to a job of theirs.
create function rollcall.import_of_a_person() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.user_id is distinct from auth.uid() or exists (select from unnest(new.paths) p
      where p is null or p !~ ('^data-downloads/' || new.user_id || '/[A-Za-z0-9][A-Za-z0-9._-]{0,199}$')) then
    raise exception 'the files of an import lie in its person''s folder' using errcode = 'insufficient_privilege';
  end if;
  if cardinality(new.paths) > 20 or cardinality(new.filenames) > 20 or new.byte_count < 0
      or exists (select from unnest(new.filenames) f where f is null or length(f) > 200) then
    raise exception 'an import has 20 files at most' using errcode = 'insufficient_privilege';
  end if;
  if new.job_id is not null and not exists (select from public.sync_jobs j
      where j.id = new.job_id and j.user_id = new.user_id and j.kind = 'IMPORT') then
    raise exception 'the job of an import is its person''s' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger import_of_a_person before insert or update on public.imports
  for each row when (current_user = 'rollcall_person') execute function rollcall.import_of_a_person();

-- A person's export has no path until the worker wrote one, and belongs to a job of theirs.
create function rollcall.export_of_a_person() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.user_id is distinct from auth.uid() or tg_op = 'INSERT' and new.path is not null
      or tg_op = 'UPDATE' and new.path is distinct from old.path then
    raise exception 'an export''s file is written by the worker' using errcode = 'insufficient_privilege';
  end if;
  if jsonb_typeof(new.filters) is distinct from 'object' or pg_column_size(new.filters) > 4096 then
    raise exception 'the filters of an export are a small object' using errcode = 'insufficient_privilege';
  end if;
  if new.job_id is not null and not exists (select from public.sync_jobs j
      where j.id = new.job_id and j.user_id = new.user_id and j.kind in ('EXPORT', 'ACCOUNT_EXPORT')) then
    raise exception 'the job of an export is its person''s' using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;
create trigger export_of_a_person before insert or update on public.exports
  for each row when (current_user = 'rollcall_person') execute function rollcall.export_of_a_person();

-- The signed-in person's file of everything; the one under way where there is one.
create function rollcall.request_account_export() returns uuid language plpgsql security definer set search_path = '' as $$
declare
  wisher constant uuid := auth.uid();
  wish uuid;
  job uuid;
begin
  if wisher is null then
    raise exception 'no one is signed in' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(wisher::text, 20261128));
  select e.id into wish from public.exports e join public.sync_jobs j on j.id = e.job_id
    where e.user_id = wisher and e.what = 'account' and j.state in ('PENDING', 'WAITING', 'RUNNING') limit 1;
  if wish is null then
    wish := gen_random_uuid();
    insert into public.sync_jobs (user_id, kind, args) values (wisher, 'ACCOUNT_EXPORT', jsonb_build_object('export_id', wish))
      returning id into job;
    insert into public.exports (id, user_id, job_id, what, format) values (wish, wisher, job, 'account', 'zip');
  end if;
  return wish;
end
$$;

-- Private buckets for files, and what people may do in their own folder of each. A function, because Storage may come later than this
-- schema: `rollcall migrate` calls it each time. It returns what it had no right to make, and does nothing where there is no Storage.
create function rollcall.prepare_storage() returns text[] language plpgsql set search_path = '' as $$
declare
  rule record;
  missing text[] := '{}';
begin
  if to_regclass('storage.buckets') is null or to_regclass('storage.objects') is null then
    return missing;
  end if;
  begin
    insert into storage.buckets as b (id, name, public) values ('exports', 'exports', false), ('imports', 'imports', false)
    on conflict (id) do update set public = false where b.public;
    -- A person may put a file there past every page, so each bucket takes one kind of file, and none that is too large. A limit that is
    -- there already stays: `rollcall doctor --hosted --mend` sets that of imports to DATA_DOWNLOAD_MAX_MB.
    update storage.buckets b set file_size_limit = coalesce(b.file_size_limit, w.largest),
        allowed_mime_types = coalesce(b.allowed_mime_types, array['application/octet-stream'])
      from (values ('imports', 2147483648), ('exports', 5368709120)) as w (id, largest)
      where b.id = w.id and (b.file_size_limit is null or b.allowed_mime_types is null);
  exception when insufficient_privilege then
    missing := missing || 'the buckets exports and imports'::text;
  when undefined_column then
    -- A Storage from before buckets had limits.
    null;
  end;
  -- What is there already is left alone: on Supabase a change of any policy holds up sign-ins and files until its commit.
  for rule in
    select r.bucket, r.command, format('rollcall_%s_%s', r.bucket, r.command) as name, format(
      'bucket_id = %L and (storage.foldername(name))[1] = (select auth.uid())::text', r.bucket) as own
    from (values ('exports', 'select'), ('exports', 'delete'), ('imports', 'select'), ('imports', 'insert'), ('imports', 'delete'))
      as r (bucket, command)
    where not exists (select from pg_catalog.pg_policies p where p.schemaname = 'storage' and p.tablename = 'objects'
      and p.policyname = format('rollcall_%s_%s', r.bucket, r.command))
  loop
    begin
      execute format('create policy %I on storage.objects for %s to authenticated %s (%s)', rule.name, rule.command,
        case rule.command when 'insert' then 'with check' else 'using' end, rule.own);
    exception when insufficient_privilege then
      missing := missing || format('the policy %s on storage.objects', rule.name);
    end;
  end loop;
  return missing;
end
$$;

do $$
declare
  missing text[] := rollcall.prepare_storage();
begin
  if missing <> '{}' then
    raise warning 'Storage is not ready: % could not be made; see docs/hosting-database.md', array_to_string(missing, ', ');
  end if;
end
$$;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.request_account_export() to rollcall_person;
