-- What a person may put into the queue is checked here too, whoever writes in their name and by whatever way.
create index sync_jobs_live_user_idx on public.sync_jobs (user_id) where state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT');

-- The form of a job's arguments, for every writer: an object, and what is known in it has its type.
create function rollcall.job_args_have_form() returns trigger language plpgsql set search_path = '' as $$
begin
  if jsonb_typeof(new.args) is distinct from 'object' then
    raise exception 'the arguments of a job are an object' using errcode = 'check_violation';
  end if;
  if exists (select from jsonb_each(new.args) a where case
      when a.key in ('import_id', 'export_id') then jsonb_typeof(a.value) <> 'string'
        or (a.value #>> '{}') !~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
      when a.key in ('all', 'again') then jsonb_typeof(a.value) <> 'boolean' end) then
    raise exception 'an argument of the job has another type' using errcode = 'check_violation';
  end if;
  return new;
end
$$;
create trigger job_args_have_form before insert or update of args on public.sync_jobs
  for each row execute function rollcall.job_args_have_form();

-- A person's own new job: of a kind that people start, with its arguments only, not before anybody else's. It takes the person's lock
-- before any key is looked at, so that the count below is of all that is there, and no two writers wait for each other.
create function rollcall.job_of_a_person() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  needed text[];
  known text[];
begin
  if new.user_id is distinct from auth.uid() then
    raise exception 'a job belongs to whoever is signed in' using errcode = 'insufficient_privilege';
  end if;
  if new.kind not in ('LOGIN', 'SYNC', 'SYNC_PROFILE', 'SYNC_FOLLOWERS', 'SYNC_FOLLOWING', 'SYNC_MEDIA', 'SYNC_STORIES', 'SYNC_LIKERS',
      'CHECK_SESSION', 'DERIVE', 'IMPORT', 'EXPORT', 'PURGE') then
    raise exception 'people do not start jobs of kind %', new.kind using errcode = 'insufficient_privilege';
  end if;
  if new.priority <> 100 then
    raise exception 'a person''s job has the priority 100' using errcode = 'insufficient_privilege';
  end if;
  needed := case new.kind when 'IMPORT' then array['import_id'] when 'EXPORT' then array['export_id'] else '{}' end;
  known := needed || case new.kind when 'IMPORT' then array['all'] else '{}' end;
  if not new.args ?& needed or exists (select from jsonb_object_keys(new.args) k where k <> all (known)) then
    raise exception 'a job of kind % has other arguments', new.kind using errcode = 'insufficient_privilege';
  end if;
  if new.sealed is not null and new.kind <> 'LOGIN' or octet_length(new.sealed) > 1048576 then
    raise exception 'what is sealed belongs to a login, and is small' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtextextended(new.user_id::text, 20261130));
  return new;
end
$$;
create trigger job_of_a_person before insert on public.sync_jobs
  for each row when (current_user = 'rollcall_person') execute function rollcall.job_of_a_person();

-- How many jobs of a person may be live: 200 of all kinds, and 5 exports of one profile. Counted when the row is there, under the lock.
create function rollcall.jobs_of_a_person_are_few() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.sync_jobs j
      where j.user_id = new.user_id and j.state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')) > 200 then
    raise exception 'too many jobs of this person are live' using errcode = 'program_limit_exceeded';
  end if;
  if new.kind = 'EXPORT' and (select count(*) from public.sync_jobs j
      where j.user_id = new.user_id and j.state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT')
        and j.profile_id = new.profile_id and j.kind = 'EXPORT') > 5 then
    raise exception 'too many exports of this profile are live' using errcode = 'program_limit_exceeded';
  end if;
  return null;
end
$$;
create trigger jobs_of_a_person_are_few after insert on public.sync_jobs
  for each row when (current_user = 'rollcall_person') execute function rollcall.jobs_of_a_person_are_few();

-- A person's import names files below their own folder only, and belongs to a job of theirs.
create function rollcall.import_of_a_person() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.user_id is distinct from auth.uid() or exists (select from unnest(new.paths) p
      where p is null or p !~ ('^archives/' || new.user_id || '/[A-Za-z0-9][A-Za-z0-9._-]{0,199}$')) then
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

revoke all on function rollcall.job_args_have_form(), rollcall.job_of_a_person(), rollcall.jobs_of_a_person_are_few(),
  rollcall.import_of_a_person(), rollcall.export_of_a_person() from public;
