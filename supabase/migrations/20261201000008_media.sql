-- Posts and reels, what they showed and when; counters; the derived day; viewers and likers.
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
create policy media_select on public.media for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.media to rollcall_person;
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
create index media_runs_job_idx on public.media_runs (job_id) where job_id is not null;
revoke all on public.media_runs from anon, authenticated;
create policy media_runs_select on public.media_runs for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.media_runs to rollcall_person;
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
create policy media_metrics_select on public.media_metrics for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.media_metrics to rollcall_person;
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
create policy profile_counts_select on public.profile_counts for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.profile_counts to rollcall_person;
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
create policy profile_days_select on public.profile_days for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.profile_days to rollcall_person;
grant all on public.profile_days to service_role;

-- Who viewed a story and who liked a post, as far as the platform shows them, and how much of them that is.
create table public.media_people (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  media_id bigint not null references public.media (id) on delete cascade,
  role text not null check (role in ('viewer', 'liker')),
  platform_id text collate "C" not null,
  username text collate "C" not null,
  full_name text,
  -- Of viewers only; NULL where the platform does not say.
  has_liked boolean,
  first_seen_at timestamptz not null,
  last_seen_at timestamptz not null,
  unique (media_id, role, platform_id)
);
create index media_people_user_idx on public.media_people (user_id, profile_id, platform_id, media_id);
create index media_people_page_idx on public.media_people (media_id, role, first_seen_at desc, id desc);
alter table public.media_people enable row level security;
revoke all on public.media_people from anon, authenticated;
create policy media_people_select on public.media_people for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.media_people to rollcall_person;
grant all on public.media_people to service_role;

-- One engagers of one medium at its newest reading: how many the platform counts (NULL where it does not say) and how many are known.
create table public.media_engagers (
  media_id bigint not null references public.media (id) on delete cascade,
  role text not null check (role in ('viewer', 'liker')),
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  total bigint check (total >= 0),
  known bigint not null check (known >= 0),
  -- The platform's own clock.
  observed_at timestamptz not null,
  primary key (media_id, role)
);
create index media_engagers_user_idx on public.media_engagers (user_id, profile_id, observed_at desc);
alter table public.media_engagers enable row level security;
revoke all on public.media_engagers from anon, authenticated;
create policy media_engagers_select on public.media_engagers for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.media_engagers to rollcall_person;
grant all on public.media_engagers to service_role;
