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
create policy media_people_select on public.media_people for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.media_people to authenticated;
grant all on public.media_people to service_role;

-- One audience of one medium at its newest reading: how many the platform counts (NULL where it does not say) and how many are known.
create table public.media_audiences (
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
create index media_audiences_user_idx on public.media_audiences (user_id, profile_id, observed_at desc);
alter table public.media_audiences enable row level security;
revoke all on public.media_audiences from anon, authenticated;
create policy media_audiences_select on public.media_audiences for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.media_audiences to authenticated;
grant all on public.media_audiences to service_role;
