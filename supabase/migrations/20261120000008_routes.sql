-- Ways of reading a list that stopped answering while the session was alive. While a row stands, its way is not used; a PROBE job
-- tries it when `next_probe_at` has come, less and less often, and removes the row when it answers again.
create table public.route_rests (
  user_id uuid not null references auth.users (id) on delete cascade,
  profile_id uuid not null references public.profiles (id) on delete cascade,
  direction text not null check (direction in ('follower', 'following')),
  route text not null check (route in ('rest', 'graphql', 'dialog')),
  reason text not null,
  since timestamptz not null default now(),
  probes integer not null default 0,
  next_probe_at timestamptz not null,
  primary key (user_id, profile_id, direction, route)
);
create index route_rests_due_idx on public.route_rests (next_probe_at);
alter table public.route_rests enable row level security;
revoke all on public.route_rests from anon, authenticated;
create policy route_rests_select on public.route_rests for select to authenticated using ((select auth.uid()) = user_id);
grant select on public.route_rests to authenticated;
grant all on public.route_rests to service_role;
