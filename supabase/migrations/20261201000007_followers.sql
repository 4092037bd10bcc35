-- Follower and following lists as history. The large tables carry no foreign keys of their own: a check per row would double the
-- time of publishing a million people. Publishing locks the profile's row, and a trigger clears them when a profile goes.
-- Follower and following lists as history. The large tables carry no foreign keys of their own: a check per row would double the
-- time of publishing a million people. Publishing locks the profile's row, and a trigger clears them when a profile goes.
create table public.people (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  profile_id uuid not null,
  platform_id text collate "C",
  username text collate "C" not null,
  full_name text,
  is_private boolean,
  is_verified boolean,
  -- What holds now, kept in step with the open spans by the publishing transaction.
  follows_me boolean not null default false,
  follows_me_since timestamptz,
  i_follow boolean not null default false,
  i_follow_since timestamptz,
  first_seen_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index people_platform_key on public.people (profile_id, platform_id) where platform_id is not null;
-- Whom only an export named, until a reading brings their id.
create unique index people_name_key on public.people (profile_id, username) where platform_id is null;
-- A page of each class, newest first; people are added so that a higher id stands nearer the top of the platform's list.
create index people_followers_idx on public.people (user_id, profile_id, follows_me_since, id) where follows_me;
create index people_following_idx on public.people (user_id, profile_id, i_follow_since, id) where i_follow;
create index people_mutual_idx on public.people (user_id, profile_id, follows_me_since, id) where follows_me and i_follow;
create index people_not_following_back_idx on public.people (user_id, profile_id, i_follow_since, id)
  where i_follow and not follows_me;
-- Sorting by username and searching by its beginning.
create index people_username_idx on public.people (profile_id, username);
create index people_verified_idx on public.people (user_id, profile_id, follows_me_since, id) where follows_me and is_verified;
-- Searching by the words of a name; `rollcall.people_matching` reads it. Its list of what is not sorted in yet may be long
-- (64 MB): at the usual 4 MB, sorting in again and again would take longer than publishing a million people does otherwise.
create index people_words_idx on public.people using gin (to_tsvector('simple', full_name))
  with (gin_pending_list_limit = 65536);
alter table public.people enable row level security;
revoke all on public.people from anon, authenticated;
create policy people_select on public.people for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.people to rollcall_person;
grant all on public.people to service_role;

create table public.person_names (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  profile_id uuid not null,
  person_id bigint not null,
  username text collate "C" not null,
  renamed_to text collate "C" not null,
  renamed_at timestamptz not null,
  renamed_after timestamptz,
  -- Not told by the platform's id: two exports name someone else with the same time of following.
  guessed boolean not null default false,
  run_id uuid
);
create index person_names_user_idx on public.person_names (user_id, profile_id, renamed_at, id);
create index person_names_person_idx on public.person_names (person_id);
alter table public.person_names enable row level security;
revoke all on public.person_names from anon, authenticated;
create policy person_names_select on public.person_names for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.person_names to rollcall_person;
grant all on public.person_names to service_role;

create table public.stays (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  profile_id uuid not null,
  person_id bigint not null,
  direction text not null check (direction in ('follower', 'following')),
  -- since/until: the platform's time of the run that first saw the person (or first missed them);
  -- since_after/until_after: the start of the last whole run that says otherwise, so the event lies between the two.
  since timestamptz not null,
  since_after timestamptz,
  since_known text not null check (since_known in ('exact', 'between', 'before')),
  until timestamptz,
  until_after timestamptz,
  until_known text check (until_known in ('exact', 'between')),
  -- Missing from one whole run whose count did not match exactly (then until_after is set already): lost only if a
  -- second whole run agrees.
  missing_since timestamptz,
  returned boolean not null default false,
  start_run uuid,
  end_run uuid,
  -- What the platform said of the person when they were looked up after they had left, and when it said so.
  why text check (why in ('unfollowed', 'gone', 'unknown')),
  looked_up_at timestamptz,
  check ((until is null) = (until_known is null)),
  check (until is not null or why is null),
  check (until is null or until >= since)
);
-- One person's stays: the open one, of which there is at most one in each direction, and those that ended.
create unique index stays_open_key on public.stays (person_id, direction) where until is null;
create index stays_ended_idx on public.stays (person_id, direction) where until is not null;
create index stays_missing_idx on public.stays (profile_id, direction) where missing_since is not null;
create index stays_user_since_idx on public.stays (user_id, profile_id, direction, since desc);
create index stays_user_until_idx on public.stays (user_id, profile_id, direction, until, id)
  include (person_id) where until is not null;
-- Who came after the first reading; that reading's people, the most there are, are not in it.
create index stays_new_idx on public.stays (user_id, profile_id, direction, since, id) where since_known <> 'before';
-- Who came back, so that an earlier leaving no longer counts.
create index stays_returned_idx on public.stays (user_id, profile_id, direction, person_id) include (since, id)
  where returned;
alter table public.stays enable row level security;
revoke all on public.stays from anon, authenticated;
create policy stays_select on public.stays for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.stays to rollcall_person;
grant all on public.stays to service_role;

create table public.list_runs (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  job_id uuid references public.sync_jobs (id) on delete set null,
  direction text not null check (direction in ('follower', 'following')),
  state text not null default 'WALKING' check (state in ('WALKING', 'PUBLISHED', 'ABANDONED')),
  -- The method of the connection that it was read by.
  source text not null default 'browser',
  verdict text check (verdict in ('whole', 'partial', 'void')),
  reason text,
  reported_before bigint,
  reported_after bigint,
  seen bigint not null default 0,
  pages integer not null default 0,
  -- How the list was read, and how many times through: pages of all passes are put together.
  -- A platform's own name for its way of showing the list; NULL for an imported list.
  endpoint text,
  passes integer not null default 1,
  gained bigint,
  lost bigint,
  returned bigint,
  renamed bigint,
  missing bigint,
  exact boolean,
  -- The platform's own clock.
  observed_start timestamptz,
  observed_end timestamptz,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  -- Whether a walk ended where the list did: the gap of such a walk is evidence for the next one.
  complete boolean,
  check ((state = 'PUBLISHED') = (verdict is not null))
);
create unique index list_runs_walking_key on public.list_runs (profile_id, direction) where state = 'WALKING';
create index list_runs_user_idx on public.list_runs (user_id, profile_id, direction, observed_end desc);
create index list_runs_job_idx on public.list_runs (job_id) where job_id is not null;
alter table public.list_runs enable row level security;
revoke all on public.list_runs from anon, authenticated;
create policy list_runs_select on public.list_runs for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.list_runs to rollcall_person;
grant all on public.list_runs to service_role;

create unlogged table public.list_pages (
  run_id uuid not null,
  page integer not null,
  user_id uuid not null,
  platform_ids text[] not null,
  usernames text[] not null,
  full_names text[] not null,
  is_private boolean[] not null,
  is_verified boolean[] not null,
  primary key (run_id, page)
);
create index list_pages_user_idx on public.list_pages (user_id, run_id);
alter table public.list_pages enable row level security;
revoke all on public.list_pages from anon, authenticated;
-- Staging is the worker's own; no one else reads a list that was not judged.
grant all on public.list_pages to service_role;

-- Row-level security keeps text search from using an index, so this looks with its owner's rights, at the caller's rows alone.
-- Returns up to `most` ids: usernames from `low` up to `high`, and names that hold the words.
create function rollcall.people_matching(profile uuid, low text, high text, words text, most integer)
returns setof bigint language sql stable security definer set search_path = '' rows 1000 as $$
  (select id from public.people where user_id = (select rollcall.visible_user()) and profile_id = profile
     and username >= low collate "C" and username < high collate "C" limit most)
  union
  (select id from public.people where user_id = (select rollcall.visible_user()) and profile_id = profile
     and to_tsvector('simple', full_name) @@ to_tsquery('simple', words) limit most)
  limit most
$$;

create function rollcall.clear_profile() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from public.list_pages where run_id in (select id from public.list_runs where profile_id = old.id);
  delete from public.stays where user_id = old.user_id and profile_id = old.id;
  delete from public.person_names where user_id = old.user_id and profile_id = old.id;
  delete from public.people where user_id = old.user_id and profile_id = old.id;
  return old;
end
$$;
create trigger clear_profile before delete on public.profiles for each row execute function rollcall.clear_profile();
grant execute on function rollcall.people_matching(uuid, text, text, text, integer) to rollcall_person;

-- Endpoints of a list that stopped answering while the session was alive. While a row exists, its endpoint is not used; a PROBE_ENDPOINTS job
-- tries it when `next_probe_at` has come, less and less often, and removes the row when it answers again.
create table public.disabled_endpoints (
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  direction text not null check (direction in ('follower', 'following')),
  endpoint text not null,
  reason text not null,
  since timestamptz not null default now(),
  probes integer not null default 0,
  next_probe_at timestamptz not null,
  primary key (user_id, profile_id, direction, endpoint)
);
create index disabled_endpoints_due_idx on public.disabled_endpoints (next_probe_at);
alter table public.disabled_endpoints enable row level security;
revoke all on public.disabled_endpoints from anon, authenticated;
create policy disabled_endpoints_select on public.disabled_endpoints for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.disabled_endpoints to rollcall_person;
grant all on public.disabled_endpoints to service_role;

revoke all on all functions in schema rollcall from public;
