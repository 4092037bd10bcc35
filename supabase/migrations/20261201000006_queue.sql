-- The queue, the progress bar and the audit record: one row, one state machine.
create sequence rollcall.claim_numbers;
grant usage on sequence rollcall.claim_numbers to service_role;

create table public.sync_jobs (
  id uuid primary key default gen_random_uuid(),
  seq bigint generated always as identity,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid references public.profiles (id) on delete set null,
  -- A kind of rollcall.job_kinds; the trigger below looks, since a foreign key would lock one of its few rows at each insert.
  kind text not null,
  state text not null default 'PENDING'
    check (state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT', 'COMPLETED', 'FAILED', 'CANCELLED')),
  -- The smaller number goes first.
  priority smallint not null default 100 check (priority between 0 and 1000),
  run_at timestamptz not null default now(),
  args jsonb not null default '{}',
  sealed bytea,
  sealed_expires_at timestamptz,
  input_request jsonb,
  sealed_input bytea,
  fence bigint not null default 0,
  -- Grows with every claim of any job.
  claim_no bigint,
  worker text,
  lease_until timestamptz,
  -- Failures in a row: waits do not count, and a page that got through starts it again.
  attempt integer not null default 0,
  max_attempts integer not null default 5 check (max_attempts between 1 and 100),
  cursor jsonb,
  progress jsonb not null default '{}',
  cancel_requested_at timestamptz,
  -- What `shared/error_text.py` makes sentences of.
  error_code text,
  error_params jsonb not null default '{}',
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  updated_at timestamptz not null default now(),
  -- The connection that a kind with a lane uses.
  connection_id uuid,
  -- The connection, so that one job at a time uses it; the profile where there is no connection yet, NULL for kinds without a lane.
  lane uuid,
  -- One live job of the kind for the profile at most.
  is_single boolean not null default true,
  -- The request that asked for the job, so that the web's log lines lead to the worker's. The web says it once in its transaction, as it
  -- says who is asking; a job that a schedule made has none.
  request_id text default left(nullif(current_setting('rollcall.request_id', true), ''), 64),
  check ((state in ('RUNNING', 'NEEDS_INPUT')) = (lease_until is not null)),
  check ((state in ('COMPLETED', 'FAILED', 'CANCELLED')) = (ended_at is not null)),
  check ((state = 'NEEDS_INPUT') = (input_request is not null)),
  check (sealed_input is null or state = 'NEEDS_INPUT'),
  check (sealed is null or ended_at is null)
)
-- Room for beats on the row's own page; no index holds what a beat changes.
with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
create index sync_jobs_user_idx on public.sync_jobs (user_id, profile_id, seq desc);
create unique index sync_jobs_live_key on public.sync_jobs (profile_id, kind)
  where state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT') and is_single;
create unique index sync_jobs_lane_key on public.sync_jobs (lane) where state in ('RUNNING', 'NEEDS_INPUT');
create index sync_jobs_due_idx on public.sync_jobs (priority, run_at, seq) where state in ('PENDING', 'WAITING');
create index sync_jobs_running_idx on public.sync_jobs (seq) where state in ('RUNNING', 'NEEDS_INPUT');
-- Who entered a lane last. Unlike the key above, the same entry never comes back, so that a claim reads one entry of it
-- however many dead ones an old open transaction keeps.
create index sync_jobs_entered_idx on public.sync_jobs (lane, claim_no) where lane is not null and claim_no is not null;
-- What retention looks for.
create index sync_jobs_ended_idx on public.sync_jobs (ended_at) where ended_at is not null;
create index sync_jobs_failed_idx on public.sync_jobs (ended_at desc) where state = 'FAILED';
create index sync_jobs_live_user_idx on public.sync_jobs (user_id) where state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT');
alter table public.sync_jobs enable row level security;
revoke all on public.sync_jobs from anon, authenticated;
create policy sync_jobs_select on public.sync_jobs for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
create policy sync_jobs_insert on public.sync_jobs for insert to rollcall_person
  with check ((select auth.uid()) = user_id and state = 'PENDING'
    and exists (select from public.profiles p where p.id = profile_id and p.user_id = (select auth.uid())));
-- A person's cancel and answer go through the functions below; nothing else of a job is theirs to change.
grant select (id, seq, user_id, profile_id, kind, state, priority, run_at, args, input_request, attempt, max_attempts, progress,
  cancel_requested_at, error_code, error_params, created_at, started_at, ended_at, updated_at, is_single) on public.sync_jobs to rollcall_person;
grant insert (id, user_id, profile_id, kind, priority, args, sealed, sealed_expires_at) on public.sync_jobs to rollcall_person;
grant all on public.sync_jobs to service_role;

-- Goes with its job; a key of its own to users and profiles would lock the same few rows at every claim.
create table public.sync_attempts (
  user_id uuid not null,
  job_id uuid not null references public.sync_jobs (id) on delete cascade,
  profile_id uuid,
  kind text not null,
  fence bigint not null,
  worker text not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  outcome text check (outcome in ('COMPLETED', 'RETRY', 'WAITING', 'FAILED', 'CANCELLED', 'LOST', 'DRAINED')),
  items bigint not null default 0,
  error_code text,
  error_params jsonb not null default '{}',
  rate_limited boolean not null default false,
  rate_limit_reset timestamptz,
  check ((ended_at is null) = (outcome is null)),
  primary key (job_id, fence)
)
with (fillfactor = 85);
create index sync_attempts_user_idx on public.sync_attempts (user_id, job_id, started_at desc);
-- Attempts are written in the order of their time, so that a few pages say where a period begins.
create index sync_attempts_started_idx on public.sync_attempts (started_at);
alter table public.sync_attempts enable row level security;
revoke all on public.sync_attempts from anon, authenticated;
create policy sync_attempts_select on public.sync_attempts for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.sync_attempts to rollcall_person;
grant all on public.sync_attempts to service_role;

-- What a page showed when a login stopped there, with everything secret covered. For its owner only, and only for a day:
-- what has expired is seen by no one, whether or not it was removed yet.
create table public.login_screenshots (
  job_id uuid primary key references public.sync_jobs (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  picture bytea not null check (octet_length(picture) between 1 and 524288),
  taken_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index login_screenshots_user_idx on public.login_screenshots (user_id, profile_id);
create index login_screenshots_expires_idx on public.login_screenshots (expires_at);
alter table public.login_screenshots enable row level security;
revoke all on public.login_screenshots from anon, authenticated;
create policy login_screenshots_select on public.login_screenshots for select to rollcall_person
  using ((select auth.uid()) = user_id and expires_at > now());
grant select on public.login_screenshots to rollcall_person;
grant all on public.login_screenshots to service_role;

-- What the declaration of its kind says of a new job.
create function rollcall.job_is_declared() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  declared rollcall.job_kinds;
begin
  select * into declared from rollcall.job_kinds k where k.name = new.kind;
  if not found then
    raise exception 'there is no job of kind %', new.kind using errcode = 'check_violation', hint = 'Run `rollcall migrate`.';
  end if;
  new.is_single := declared.is_single;
  new.connection_id := case when declared.has_lane then coalesce(new.connection_id, (
    select c.id from public.connections c where c.profile_id = new.profile_id and c.method <> 'data_download' and c.state <> 'REVOKED'
     order by c.state = 'ACTIVE' desc, c.created_at limit 1)) end;
  new.lane := case when declared.has_lane and new.profile_id is not null then coalesce(new.connection_id, new.profile_id) end;
  return new;
end
$$;
create trigger job_is_declared before insert or update of kind, profile_id on public.sync_jobs
  for each row execute function rollcall.job_is_declared();

-- Live jobs that were there before the first connection of their profile get its lane.
create function rollcall.jobs_follow_connection() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.sync_jobs set connection_id = new.id, lane = new.id
   where user_id = new.user_id and profile_id = new.profile_id and lane = new.profile_id
     and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT');
  return null;
end
$$;
create trigger jobs_follow_connection after insert on public.connections
  for each row when (new.method <> 'data_download') execute function rollcall.jobs_follow_connection();

-- The state machine: the same table as shared/domain/jobs.py. What was sealed goes when the job ends, whatever the end.
-- A job may end without being tried, when its profile can be read by no one before its person logs in.
create function rollcall.job_changes_state() returns trigger language plpgsql set search_path = '' as $$
begin
  if (old.state || '>' || new.state) <> all (array['PENDING>RUNNING', 'PENDING>WAITING', 'PENDING>FAILED', 'PENDING>CANCELLED',
    'WAITING>RUNNING', 'WAITING>FAILED', 'WAITING>CANCELLED',
    'RUNNING>NEEDS_INPUT', 'RUNNING>PENDING', 'RUNNING>WAITING', 'RUNNING>COMPLETED', 'RUNNING>FAILED', 'RUNNING>CANCELLED',
    'NEEDS_INPUT>RUNNING', 'NEEDS_INPUT>PENDING', 'NEEDS_INPUT>WAITING', 'NEEDS_INPUT>FAILED', 'NEEDS_INPUT>CANCELLED']) then
    raise exception 'a job cannot go from % to %', old.state, new.state using errcode = 'check_violation';
  end if;
  if new.state <> 'NEEDS_INPUT' then
    new.input_request := null;
    new.sealed_input := null;
  end if;
  if new.state not in ('RUNNING', 'NEEDS_INPUT') then
    new.lease_until := null;
    new.worker := null;
  end if;
  if new.state in ('COMPLETED', 'FAILED', 'CANCELLED') then
    new.sealed := null;
    new.ended_at := coalesce(new.ended_at, now());
  end if;
  return new;
end
$$;
create trigger job_changes_state before update of state on public.sync_jobs
  for each row when (old.state is distinct from new.state) execute function rollcall.job_changes_state();

-- What wakes a worker: a priority when a job of it is to be claimed, a job's id when a person has said something to it.
create function rollcall.job_wakes_worker() returns trigger language plpgsql set search_path = '' as $$
begin
  perform pg_notify('rollcall_jobs', case tg_argv[0] when 'due' then new.priority::text else new.id::text end);
  return null;
end
$$;
create trigger job_enqueued after insert on public.sync_jobs
  for each row execute function rollcall.job_wakes_worker('due');
create trigger job_put_back after update of state on public.sync_jobs
  for each row when (new.state = 'PENDING' and old.state <> 'PENDING') execute function rollcall.job_wakes_worker('due');
create trigger job_told after update of sealed_input, cancel_requested_at on public.sync_jobs
  for each row when (new.lease_until is not null
    and (new.sealed_input is distinct from old.sealed_input and new.sealed_input is not null
      or new.cancel_requested_at is not null and old.cancel_requested_at is null))
  execute function rollcall.job_wakes_worker('told');

-- A person's own job: ends at once where no one works on it, is told to stop otherwise. False when there is nothing to cancel.
create function rollcall.cancel_job(job uuid) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.sync_jobs set
    cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now(),
    state = case when state in ('PENDING', 'WAITING') then 'CANCELLED' else state end
  where id = job and user_id = (select auth.uid()) and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT');
  return found;
end
$$;

-- A person's sealed answer to what their own job asks. False when the job asks nothing, or already has an answer.
create function rollcall.answer_job(job uuid, answer bytea) returns boolean language plpgsql security definer set search_path = '' as $$
begin
  update public.sync_jobs set sealed_input = answer, updated_at = now()
  where id = job and user_id = (select auth.uid()) and state = 'NEEDS_INPUT' and sealed_input is null;
  return found;
end
$$;

-- Jobs whose worker fell silent: that counts as a failure, or a job that kills its worker would never end.
create function rollcall.release_lost_jobs() returns integer language plpgsql set search_path = '' as $$
declare
  released integer;
begin
  with lost as (
    select id, fence, cancel_requested_at is not null as cancelled, attempt + 1 >= max_attempts as spent
      from public.sync_jobs
     where state in ('RUNNING', 'NEEDS_INPUT') and lease_until < now()
     order by seq for update skip locked
  ), closed as (
    update public.sync_attempts a set ended_at = now(), outcome = 'LOST', error_code = 'worker_lost'
      from lost where a.job_id = lost.id and a.fence = lost.fence
  )
  update public.sync_jobs j set
    state = case when lost.cancelled then 'CANCELLED' when lost.spent then 'FAILED' else 'PENDING' end,
    attempt = j.attempt + 1, run_at = now(), updated_at = now(),
    error_code = case when lost.cancelled then j.error_code else 'worker_lost' end,
    error_params = case when lost.cancelled then j.error_params when lost.spent then '{"variant": "again"}' else '{}' end
    from lost where j.id = lost.id;
  get diagnostics released = row_count;
  return released;
end
$$;

-- Where the due jobs of each priority begin. While an old transaction is open, index entries of jobs long gone cannot be removed;
-- a claim that starts here does not walk over them again. Without arguments everything is looked at.
create function rollcall.due_priorities(known smallint[] default null, since timestamptz[] default null)
returns table (level smallint, floor timestamptz) language plpgsql stable set search_path = ''
set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  -- An enqueueing transaction that stays open for longer than this is found at the next full look.
  slack constant interval := '250 milliseconds';
begin
  if known is null then
    return query
      with recursive levels as (
        (select j.priority, j.run_at from public.sync_jobs j where j.state in ('PENDING', 'WAITING')
          order by j.priority, j.run_at limit 1)
        union all
        select following.priority, following.run_at from levels, lateral (
          select j.priority, j.run_at from public.sync_jobs j
           where j.state in ('PENDING', 'WAITING') and j.priority > levels.priority order by j.priority, j.run_at limit 1) following
      )
      select l.priority, least(l.run_at, now() - slack) from levels l;
  else
    return query
      select k.level, coalesce((select least(j.run_at, now() - slack) from public.sync_jobs j
          where j.state in ('PENDING', 'WAITING') and j.priority = k.level and j.run_at >= k.since
          order by j.run_at limit 1), now() - slack)
        from unnest(known, since) as k (level, since);
  end if;
end
$$;

-- Whether no one works in the lane; a job without one needs none. A lane is entered only when no one is in it, so whoever is in it was
-- the last to enter.
create function rollcall.lane_is_free(lane uuid) returns boolean language plpgsql stable set search_path = ''
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
begin
  return coalesce((select r.state not in ('RUNNING', 'NEEDS_INPUT') from public.sync_jobs r
    where r.lane = lane_is_free.lane and r.claim_no is not null order by r.claim_no desc limit 1), true);
end
$$;

-- Whether a job of this kind has to wait for the end of a cool-down. Then all that the lane's cool-down holds back waits until its end.
-- A person may log in meanwhile. A connection that only its person can free keeps nothing waiting: its job is claimed, and ends with the
-- reason.
create function rollcall.postpone(held uuid, kind text) returns boolean language plpgsql set search_path = '' as $$
declare
  until timestamptz;
begin
  select c.cooldown_until into until from public.connections c
   where c.id = held and c.state = 'ACTIVE' and c.cooldown_until > now() and postpone.kind <> 'LOGIN';
  if until is not null then
    update public.sync_jobs set state = 'WAITING', run_at = until, updated_at = now()
     where id in (select j.id from public.sync_jobs j where j.lane = held and j.kind <> 'LOGIN'
       and j.state in ('PENDING', 'WAITING') and j.run_at < until for update skip locked);
  end if;
  return until is not null;
end
$$;

-- Claims up to `most` jobs: due, best priority first, oldest first, one for each lane. It never waits for a lock. With `levels` NULL it
-- first takes back the jobs of lost workers and looks at everything; else it looks at these priorities from their floors on, and so not
-- at what an old transaction keeps from vacuum. Jobs whose lane is taken are left out before anything is locked.
create function rollcall.claim_jobs(worker_name text, lease interval, kinds text[], most integer,
  levels smallint[] default null, floors timestamptz[] default null)
returns setof public.sync_jobs language plpgsql set search_path = ''
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  due record;
  candidate record;
  claimed public.sync_jobs;
  missing integer := most;
  entered uuid[] := '{}';
begin
  if levels is null then
    perform rollcall.release_lost_jobs();
    select array_agg(d.level), array_agg(d.floor) into levels, floors from rollcall.due_priorities() d;
  end if;
  for due in select d.level, d.floor from unnest(levels, floors) d (level, floor) order by d.level loop
    for candidate in
      select j.id, j.lane, j.kind from public.sync_jobs j
       where j.state in ('PENDING', 'WAITING') and j.priority = due.level and j.run_at >= due.floor and j.run_at <= now()
         and j.kind = any (kinds) and rollcall.lane_is_free(j.lane)
       order by j.priority, j.run_at, j.seq
    loop
      -- Whoever holds the lock is claiming in the lane (or, without one, this job); it is let go after the commit is seen.
      continue when candidate.lane = any (entered)
        or not pg_try_advisory_xact_lock(hashtextextended(coalesce(candidate.lane, candidate.id)::text, 20261120));
      continue when rollcall.postpone(candidate.lane, candidate.kind);
      entered := entered || candidate.lane;
      update public.sync_jobs j set
        state = 'RUNNING', fence = j.fence + 1, claim_no = nextval('rollcall.claim_numbers'), worker = worker_name,
        lease_until = now() + lease, started_at = coalesce(j.started_at, now()), updated_at = now(),
        progress = j.progress - 'step_started_at'
       where j.id = (select s.id from public.sync_jobs s where s.id = candidate.id and s.state in ('PENDING', 'WAITING')
         and s.run_at <= now() and rollcall.lane_is_free(s.lane) for update skip locked)
      returning j.* into claimed;
      continue when not found;
      insert into public.sync_attempts (user_id, job_id, profile_id, kind, fence, worker)
        values (claimed.user_id, claimed.id, claimed.profile_id, claimed.kind, claimed.fence, worker_name);
      return next claimed;
      missing := missing - 1;
      exit when missing = 0;
    end loop;
    exit when missing = 0;
  end loop;
end
$$;

-- A LOGIN job that is at work from its beginning, in the lane as a claim enters it; no row when someone is in it.
create function rollcall.begin_login(profile uuid, worker_name text, lease interval)
returns setof public.sync_jobs language plpgsql set search_path = '' as $$
declare
  begun public.sync_jobs;
  connection uuid;
begin
  insert into public.connections as c (user_id, profile_id, method)
    select p.user_id, p.id, 'browser' from public.profiles p where p.id = profile and p.state <> 'DELETING'
  on conflict (profile_id, method) do update set state = case when c.state = 'REVOKED' then 'PENDING' else c.state end, updated_at = now()
  returning c.id into connection;
  perform pg_advisory_xact_lock(hashtextextended(connection::text, 20261120));
  insert into public.sync_jobs (user_id, profile_id, connection_id, kind, state, max_attempts, fence, claim_no, worker, lease_until, started_at)
    select p.user_id, p.id, connection, 'LOGIN', 'RUNNING', 1, 1, nextval('rollcall.claim_numbers'), worker_name, now() + lease, now()
      from public.profiles p
     where p.id = profile and p.state <> 'DELETING' and not exists (
       select from public.sync_jobs r where r.lane = connection and r.state in ('RUNNING', 'NEEDS_INPUT'))
  on conflict do nothing returning * into begun;
  if not found then
    return;
  end if;
  insert into public.sync_attempts (user_id, job_id, profile_id, kind, fence, worker)
    values (begun.user_id, begun.id, begun.profile_id, begun.kind, begun.fence, worker_name);
  return next begun;
end
$$;
-- What a person may put into the queue is checked here too, whoever writes in their name and by whatever way.

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
  declared rollcall.job_kinds;
begin
  if new.user_id is distinct from auth.uid() then
    raise exception 'a job belongs to whoever is signed in' using errcode = 'insufficient_privilege';
  end if;
  select * into declared from rollcall.job_kinds k where k.name = new.kind and k.by_person;
  if not found then
    raise exception 'people do not start jobs of kind %', new.kind using errcode = 'insufficient_privilege';
  end if;
  if new.priority <> 100 then
    raise exception 'a person''s job has the priority 100' using errcode = 'insufficient_privilege';
  end if;
  if not new.args ?& declared.needs_args
      or exists (select from jsonb_object_keys(new.args) k where k <> all (declared.needs_args || declared.takes_args)) then
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
grant execute on function rollcall.cancel_job(uuid), rollcall.answer_job(uuid, bytea) to rollcall_person;
grant execute on function rollcall.release_lost_jobs(), rollcall.due_priorities(smallint[], timestamptz[]),
  rollcall.lane_is_free(uuid), rollcall.postpone(uuid, text),
  rollcall.claim_jobs(text, interval, text[], integer, smallint[], timestamptz[]) to service_role;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.begin_login(uuid, text, interval) to service_role;
