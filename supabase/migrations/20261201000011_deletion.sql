-- A person takes all their data with them, and leaves for good.

-- Who is leaving, from the moment they said so until their account is gone; the row goes with it.
create table rollcall.account_deletions (
  user_id uuid primary key references auth.users (id) on delete cascade,
  requested_at timestamptz not null default now()
);
alter table rollcall.account_deletions enable row level security;
grant select on rollcall.account_deletions to service_role;

-- For whoever is leaving no session begins and no data key is made, whoever asks and however late.
create function rollcall.refuse_rows_of_deleted_account() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from rollcall.account_deletions e where e.user_id = new.user_id) then
    return null;
  end if;
  return new;
end
$$;
create trigger refuse_rows_of_deleted_account before insert on public.web_sessions
  for each row execute function rollcall.refuse_rows_of_deleted_account();
create trigger refuse_rows_of_deleted_account before insert on public.user_keys
  for each row execute function rollcall.refuse_rows_of_deleted_account();

-- The signed-in person leaves: in one transaction their data key is destroyed, their sessions end, their work stops, their profiles
-- are marked, and the job is there that removes the rest. Asking twice is asking once.
create function rollcall.delete_account() returns uuid language plpgsql security definer set search_path = '' as $$
declare
  leaver constant uuid := auth.uid();
  erasing uuid;
begin
  if leaver is null then
    raise exception 'no one is signed in' using errcode = 'insufficient_privilege';
  end if;
  insert into rollcall.account_deletions (user_id) values (leaver) on conflict do nothing;
  delete from public.user_keys where user_id = leaver;
  delete from public.web_sessions where user_id = leaver;
  update public.profiles set state = 'DELETING', state_code = null, state_params = '{}', state_since = now(), schedule_paused = true, updated_at = now()
    where user_id = leaver;
  select id into erasing from public.sync_jobs
    where user_id = leaver and kind = 'DELETE_ACCOUNT' and state in ('PENDING', 'WAITING', 'RUNNING') limit 1;
  if erasing is null then
    insert into public.sync_jobs (user_id, kind, max_attempts) values (leaver, 'DELETE_ACCOUNT', 100) returning id into erasing;
  end if;
  update public.sync_jobs set cancel_requested_at = coalesce(cancel_requested_at, now()), updated_at = now(),
      state = case when state in ('PENDING', 'WAITING') then 'CANCELLED' else state end
    where user_id = leaver and id <> erasing and state in ('PENDING', 'WAITING', 'RUNNING', 'NEEDS_INPUT');
  return erasing;
end
$$;

-- Whoever leaves leaves nothing that could be opened.
create function rollcall.second_factor_leaves() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from public.second_factors where user_id = new.user_id;
  return null;
end
$$;
create trigger second_factor_leaves after insert on rollcall.account_deletions
  for each row execute function rollcall.second_factor_leaves();

-- What is stored of a person's own account where it signs in; never the password's hash.
create function rollcall.account_of(owner uuid)
returns table (id uuid, email text)
language sql stable security definer set search_path = '' as $$
  select u.id, u.email::text from auth.users u where u.id = owner
$$;
grant execute on function rollcall.account_of(uuid) to service_role;

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.delete_account() to rollcall_person;
