-- What a page showed when a login stopped there, with everything secret covered. For its owner only, and only for a day:
-- what has expired is seen by nobody, whether or not it was removed yet.
create table public.job_pictures (
  job_id uuid primary key references public.sync_jobs (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  picture bytea not null check (octet_length(picture) between 1 and 524288),
  taken_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index job_pictures_user_idx on public.job_pictures (user_id, profile_id);
create index job_pictures_expires_idx on public.job_pictures (expires_at);
alter table public.job_pictures enable row level security;
revoke all on public.job_pictures from anon, authenticated;
create policy job_pictures_select on public.job_pictures for select to authenticated
  using ((select auth.uid()) = user_id and expires_at > now());
grant select on public.job_pictures to authenticated;
grant all on public.job_pictures to service_role;
