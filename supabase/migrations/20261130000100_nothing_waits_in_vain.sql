-- No job waits for a profile that only its person can free, and such a profile is not counted among those that rest.
create or replace function rollcall.operator_rests()
returns table (platform text, reason text, profiles bigint, first_end timestamptz, last_end timestamptz)
language sql stable security definer set search_path = '' as $$
  select p.platform, coalesce(p.rest_code, ''), count(*), min(p.cooldown_until), max(p.cooldown_until)
  from public.profiles p where p.cooldown_until > now() and p.state in ('CONNECTED', 'RESTING')
  group by 1, 2 order by 3 desc, 1, 2
$$;

-- A job may end without being tried, when its profile can be read by nobody before its person logs in.
create or replace function rollcall.job_changes_state() returns trigger language plpgsql set search_path = '' as $$
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

-- Claims up to `most` jobs: due, best priority first, oldest first, one for each lane. With `levels` NULL it first takes back the jobs
-- of lost workers and looks at everything; otherwise it looks at these priorities from their floors on. It never waits for a lock.
-- Jobs whose lane is taken are left out before anything is locked: many of them cost little and no place in the table of locks.
-- Under the lock the lane is looked at once more, since it may have been entered meanwhile.
create or replace function rollcall.claim_jobs(worker_name text, lease interval, kinds text[], most integer,
  levels smallint[] default null, floors timestamptz[] default null)
returns setof public.sync_jobs language plpgsql set search_path = ''
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  candidate record;
  claimed public.sync_jobs;
  missing integer := most;
  busy uuid[] := '{}';
  is_busy boolean;
  resting_until timestamptz;
  profile_state text;
begin
  if levels is null then
    perform rollcall.release_lost_jobs();
    select array_agg(d.level order by d.level), array_agg(d.floor order by d.level) into levels, floors from rollcall.due_levels() d;
  end if;
  for i in 1 .. coalesce(cardinality(levels), 0) loop
    for candidate in
      select j.id, j.lane, j.kind from public.sync_jobs j
       where j.state in ('PENDING', 'WAITING') and j.priority = levels[i] and j.run_at >= floors[i] and j.run_at <= now()
         and j.kind = any (kinds)
         and coalesce((select r.state not in ('RUNNING', 'NEEDS_INPUT') from public.sync_jobs r
           where r.lane = j.lane and r.claim_no is not null order by r.claim_no desc limit 1), true)
       order by j.priority, j.run_at, j.seq
    loop
      continue when candidate.lane = any (busy);
      -- Whoever holds this is claiming in the lane (or, without one, this job) right now; it is let go after the commit is seen.
      if not pg_try_advisory_xact_lock(hashtextextended(coalesce(candidate.lane, candidate.id)::text, 20261120)) then
        busy := busy || candidate.lane;
        continue;
      end if;
      if candidate.lane is not null then
        busy := busy || candidate.lane;
        -- A lane is entered only when nobody is in it, so whoever is in it was the last to enter.
        select r.state in ('RUNNING', 'NEEDS_INPUT') into is_busy from public.sync_jobs r
         where r.lane = candidate.lane and r.claim_no is not null order by r.claim_no desc limit 1;
        continue when is_busy;
        select p.cooldown_until, p.state into resting_until, profile_state from public.profiles p where p.id = candidate.lane;
        -- A person may log in while their profile rests; nothing else is read until it has rested. A profile that only its person
        -- can free keeps nothing waiting: the job is handed out, and ends with the reason.
        if resting_until > now() and candidate.kind <> 'LOGIN' and profile_state = 'CONNECTED' then
          busy := array_remove(busy, candidate.lane);
          update public.sync_jobs set state = 'WAITING', run_at = resting_until, updated_at = now()
           where id in (select s.id from public.sync_jobs s where s.lane = candidate.lane and s.profile_id = candidate.lane
             and s.kind <> 'LOGIN' and s.state in ('PENDING', 'WAITING') and s.run_at < resting_until for update skip locked);
          continue;
        end if;
      end if;
      update public.sync_jobs j set
        state = 'RUNNING', fence = j.fence + 1, claim_no = nextval('rollcall.claim_numbers'), worker = worker_name,
        lease_until = now() + lease, started_at = coalesce(j.started_at, now()), updated_at = now(),
        progress = j.progress - 'step_started_at'
       where j.id = (select s.id from public.sync_jobs s where s.id = candidate.id and s.state in ('PENDING', 'WAITING')
         and s.run_at <= now() for update skip locked)
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
