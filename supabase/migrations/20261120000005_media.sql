-- Posts and reels, what they showed and when; counters; the derived day; files; things to know.
create table public.media (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  platform_id text collate "C" not null,
  code text,
  kind text not null check (kind in ('image', 'carousel', 'video', 'reel', 'story')),
  permalink text,
  caption text,
  hashtags text[] not null default '{}',
  mentions text[] not null default '{}',
  coauthors text[] not null default '{}',
  owner_platform_id text,
  owner_username text,
  posted_at timestamptz,
  expires_at timestamptz,
  duration_seconds double precision,
  is_pinned boolean not null default false,
  in_grid boolean,
  is_paid_partnership boolean,
  counts_hidden boolean not null default false,
  followers_at_post bigint,
  -- The newest known metrics, so that ranking needs no join; NULL means not known. `plays` is what the platform's pages call views.
  likes bigint,
  comments bigint,
  plays bigint,
  facebook_plays bigint,
  views bigint,
  saves bigint,
  shares bigint,
  reach bigint,
  metrics_at timestamptz,
  -- Engagement by the formula named, numerator and denominator apart (facts: field definitions).
  er_formula text check (er_formula in ('er_reach', 'er_views', 'er_followers_at_post')),
  er_numerator bigint,
  er_denominator bigint,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  -- The whole reading that first missed it; whether it is gone is said only once it was looked up.
  missing_since timestamptz,
  gone_at timestamptz,
  gone_as text check (gone_as in ('deleted', 'archived')),
  check ((gone_at is null) = (gone_as is null)),
  unique (profile_id, platform_id)
);
create index media_user_idx on public.media (user_id, profile_id, posted_at desc);
create index media_missing_idx on public.media (profile_id, posted_at desc) where missing_since is not null and gone_at is null;
alter table public.media enable row level security;
revoke all on public.media from anon, authenticated;
create policy media_select on public.media for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.media to authenticated;
grant all on public.media to service_role;

-- One finished reading of the posts and reels tabs. Only a whole one walked both to their ends.
create table public.media_runs (
  id uuid primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  job_id uuid references public.sync_jobs (id) on delete set null,
  verdict text not null check (verdict in ('whole', 'recent', 'partial', 'void')),
  pages integer not null,
  seen integer not null,
  added integer not null,
  changed integer not null,
  -- The platform's own clock; NULL where the run brought no media.
  observed_start timestamptz,
  observed_end timestamptz,
  published_at timestamptz not null default now()
);
create index media_runs_user_idx on public.media_runs (user_id, profile_id, observed_end desc);
alter table public.media_runs enable row level security;
revoke all on public.media_runs from anon, authenticated;
create policy media_runs_select on public.media_runs for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.media_runs to authenticated;
grant all on public.media_runs to service_role;

-- What a reading under way has seen, both tabs merged; gone when it is published. Small, so it is logged and survives a crash.
create table public.media_staged (
  run_id uuid not null,
  platform_id text collate "C" not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  in_posts boolean not null,
  in_reels boolean not null,
  observed_at timestamptz not null,
  posted_at timestamptz,
  payload jsonb not null,
  primary key (run_id, platform_id)
);
create index media_staged_user_idx on public.media_staged (user_id, profile_id);
alter table public.media_staged enable row level security;
revoke all on public.media_staged from anon, authenticated;
-- Staging is the worker's own.
grant all on public.media_staged to service_role;

create table public.media_metrics (
  media_id bigint not null references public.media (id) on delete cascade,
  captured_at timestamptz not null,
  user_id uuid not null,
  profile_id uuid not null,
  source text not null,
  likes bigint,
  comments bigint,
  plays bigint,
  facebook_plays bigint,
  views bigint,
  saves bigint,
  shares bigint,
  reach bigint,
  primary key (media_id, captured_at)
);
create index media_metrics_user_idx on public.media_metrics (user_id, profile_id, captured_at);
alter table public.media_metrics enable row level security;
revoke all on public.media_metrics from anon, authenticated;
create policy media_metrics_select on public.media_metrics for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.media_metrics to authenticated;
grant all on public.media_metrics to service_role;

-- The profile's own counters as the platform showed them; written only when something changed.
create table public.profile_counts (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  captured_at timestamptz not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  source text not null,
  followers bigint,
  following bigint,
  media bigint,
  primary key (profile_id, captured_at)
);
create index profile_counts_user_idx on public.profile_counts (user_id, profile_id, captured_at);
alter table public.profile_counts enable row level security;
revoke all on public.profile_counts from anon, authenticated;
create policy profile_counts_select on public.profile_counts for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.profile_counts to authenticated;
grant all on public.profile_counts to service_role;

create table public.profile_days (
  profile_id uuid not null references public.profiles (id) on delete cascade,
  day date not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  -- Counters as last seen on that day; NULL where the day was not read.
  followers bigint,
  following bigint,
  media bigint,
  -- From the runs that ended on that day; NULL unless one of them was whole and had a whole one before it to compare with.
  gained bigint,
  lost bigint,
  returned bigint,
  renamed bigint,
  -- Of the media posted on that day, at their newest metrics.
  posts integer not null default 0,
  likes bigint,
  comments bigint,
  plays bigint,
  er_numerator bigint,
  er_denominator bigint,
  er_posts integer not null default 0,
  er_formulas text[] not null default '{}',
  whole_runs integer not null default 0,
  partial_runs integer not null default 0,
  -- The zone and the formulas that made the row; another zone or version makes it anew.
  timezone text not null default 'UTC',
  formula_version integer not null,
  computed_at timestamptz not null default now(),
  primary key (profile_id, day)
);
create index profile_days_user_idx on public.profile_days (user_id, profile_id, day);
alter table public.profile_days enable row level security;
revoke all on public.profile_days from anon, authenticated;
create policy profile_days_select on public.profile_days for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.profile_days to authenticated;
grant all on public.profile_days to service_role;

create table public.exports (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  job_id uuid references public.sync_jobs (id) on delete set null,
  what text not null check (what in ('followers', 'following', 'mutual', 'fans', 'not-following-back', 'new', 'lost', 'renamed',
    'changes', 'media', 'days')),
  format text not null check (format in ('csv', 'xlsx')),
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
alter table public.exports enable row level security;
revoke all on public.exports from anon, authenticated;
create policy exports_select on public.exports for select to authenticated using ((select auth.uid()) = user_id);
create policy exports_insert on public.exports for insert to authenticated
  with check ((select auth.uid()) = user_id
    and exists (select from public.profiles p where p.id = profile_id and p.user_id = (select auth.uid())));
create policy exports_update on public.exports for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
create policy exports_delete on public.exports for delete to authenticated using ((select auth.uid()) = user_id);
grant select, delete on public.exports to authenticated;
grant insert (id, user_id, profile_id, what, format, filters) on public.exports to authenticated;
grant update (job_id) on public.exports to authenticated;
grant all on public.exports to service_role;

create table public.alerts (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null check (kind in ('list_void', 'list_partial', 'session_dead', 'challenge', 'rate_limited',
    'suspected', 'login_failed', 'route_changed', 'route_back', 'stories_at_risk')),
  message text not null,
  job_id uuid references public.sync_jobs (id) on delete set null,
  created_at timestamptz not null default now(),
  seen_at timestamptz
);
create index alerts_user_idx on public.alerts (user_id, profile_id, created_at desc);
alter table public.alerts enable row level security;
revoke all on public.alerts from anon, authenticated;
create policy alerts_select on public.alerts for select to authenticated using ((select auth.uid()) = user_id);
create policy alerts_update on public.alerts for update to authenticated
  using ((select auth.uid()) = user_id) with check ((select auth.uid()) = user_id);
grant select on public.alerts to authenticated;
grant update (seen_at) on public.alerts to authenticated;
grant all on public.alerts to service_role;

create function rollcall.clear_profile() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from public.list_pages where run_id in (select id from public.list_runs where profile_id = old.id);
  delete from public.follow_spans where user_id = old.user_id and profile_id = old.id;
  delete from public.person_names where user_id = old.user_id and profile_id = old.id;
  delete from public.people where user_id = old.user_id and profile_id = old.id;
  return old;
end
$$;
create trigger clear_profile before delete on public.profiles for each row execute function rollcall.clear_profile();
revoke all on function rollcall.clear_profile() from public;
