-- Whether nobody works in the lane; a job without one needs none. A lane is entered only when nobody is in it, so whoever is in it was
-- the last to enter.
create function rollcall.lane_is_free(lane uuid) returns boolean language plpgsql stable set search_path = ''
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
begin
  return coalesce((select r.state not in ('RUNNING', 'NEEDS_INPUT') from public.sync_jobs r
    where r.lane = lane_is_free.lane and r.claim_no is not null order by r.claim_no desc limit 1), true);
end
$$;

-- Whether a job of this kind has to wait for the end of a cool-down. Then all that the lane's cool-down holds back waits until its end.
-- A person may log in meanwhile. A profile that only its person can free keeps nothing waiting: its job is claimed, and ends with the
-- reason.
create function rollcall.put_off(held uuid, kind text) returns boolean language plpgsql set search_path = '' as $$
declare
  until timestamptz;
begin
  select p.cooldown_until into until from public.profiles p
   where p.id = held and p.state = 'CONNECTED' and p.cooldown_until > now() and put_off.kind <> 'LOGIN';
  if until is not null then
    update public.sync_jobs set state = 'WAITING', run_at = until, updated_at = now()
     where id in (select j.id from public.sync_jobs j where j.lane = held and j.profile_id = held and j.kind <> 'LOGIN'
       and j.state in ('PENDING', 'WAITING') and j.run_at < until for update skip locked);
  end if;
  return until is not null;
end
$$;

-- Claims up to `most` jobs: due, best priority first, oldest first, one for each lane. It never waits for a lock. With `levels` NULL it
-- first takes back the jobs of lost workers and looks at everything; else it looks at these priorities from their floors on, and so not
-- at what an old transaction keeps from vacuum. Jobs whose lane is taken are left out before anything is locked.
create or replace function rollcall.claim_jobs(worker_name text, lease interval, kinds text[], most integer,
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
    select array_agg(d.level), array_agg(d.floor) into levels, floors from rollcall.due_levels() d;
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
      continue when rollcall.put_off(candidate.lane, candidate.kind);
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

revoke all on function rollcall.lane_is_free(uuid), rollcall.put_off(uuid, text) from public;
grant execute on function rollcall.lane_is_free(uuid), rollcall.put_off(uuid, text) to service_role;
