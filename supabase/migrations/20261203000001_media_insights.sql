-- Official figures of posts, reels and stories.

-- A medium as an official interface knows it, and when its figures were read there.
create table public.official_media (
  media_id bigint not null references public.media (id) on delete cascade,
  -- The method of the connection that showed it.
  source text collate "C" not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  official_id text collate "C" not null,
  product text,
  read_at timestamptz,
  -- The code of the error of a medium that never has figures.
  final_code text,
  primary key (media_id, source)
);
create index official_media_user_idx on public.official_media (user_id, profile_id, source);
alter table public.official_media enable row level security;
revoke all on public.official_media from anon, authenticated;
create policy official_media_select on public.official_media for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.official_media to rollcall_person;
grant all on public.official_media to service_role;

-- The newest value of one metric (shared/domain/metrics) of one medium; `part` is the value of its breakdown, empty for the whole.
create table public.media_insights (
  media_id bigint not null references public.media (id) on delete cascade,
  source text collate "C" not null,
  metric text collate "C" not null,
  part text collate "C" not null default '',
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  value numeric not null,
  captured_at timestamptz not null,
  -- By this database's clock; `captured_at` is the platform's.
  stored_at timestamptz not null default now(),
  primary key (media_id, source, metric, part)
);
create index media_insights_user_idx on public.media_insights (user_id, profile_id, media_id);
alter table public.media_insights enable row level security;
revoke all on public.media_insights from anon, authenticated;
create policy media_insights_select on public.media_insights for select to rollcall_person using ((select rollcall.visible_user()) = user_id);
grant select on public.media_insights to rollcall_person;
grant all on public.media_insights to service_role;
