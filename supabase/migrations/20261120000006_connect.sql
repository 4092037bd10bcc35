-- For `rollcall connect`, where a person stands at the worker's machine and is named by their e-mail.
create function rollcall.find_user(address text) returns uuid language sql stable security definer set search_path = '' as $$
  select id from auth.users where lower(email) = lower(address)
$$;

-- The only account there is; NULL where there are none or several.
create function rollcall.only_user() returns uuid language sql stable security definer set search_path = '' as $$
  with first_two as (select id from auth.users limit 2)
  select (array_agg(id))[1] from first_two having count(*) = 1
$$;

-- A LOGIN job that is at work from its beginning, in the lane as a claim enters it; no row when somebody is in it.
create function rollcall.begin_login(profile uuid, worker_name text, lease interval)
returns setof public.sync_jobs language plpgsql set search_path = '' as $$
declare
  begun public.sync_jobs;
begin
  perform pg_advisory_xact_lock(hashtextextended(profile::text, 20261120));
  insert into public.sync_jobs (user_id, profile_id, kind, state, max_attempts, fence, claim_no, worker, lease_until, started_at)
    select p.user_id, p.id, 'LOGIN', 'RUNNING', 1, 1, nextval('rollcall.claim_numbers'), worker_name, now() + lease, now()
      from public.profiles p
     where p.id = profile and p.state <> 'DELETING' and not exists (
       select from public.sync_jobs r where r.lane = profile and r.state in ('RUNNING', 'NEEDS_INPUT'))
  on conflict do nothing returning * into begun;
  if not found then
    return;
  end if;
  insert into public.sync_attempts (user_id, job_id, profile_id, kind, fence, worker)
    values (begun.user_id, begun.id, begun.profile_id, begun.kind, begun.fence, worker_name);
  return next begun;
end
$$;

revoke all on function rollcall.find_user(text), rollcall.only_user(), rollcall.begin_login(uuid, text, interval) from public;
grant execute on function rollcall.find_user(text), rollcall.only_user(), rollcall.begin_login(uuid, text, interval) to service_role;
