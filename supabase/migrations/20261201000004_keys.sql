-- One data key for each user; only the worker reads it.
create table public.user_keys (
  user_id uuid primary key references auth.users (id) on delete cascade,
  wrapped_key bytea not null,
  kek_id text not null,
  created_at timestamptz not null default now(),
  rotated_at timestamptz
);
alter table public.user_keys enable row level security;
revoke all on public.user_keys from anon, authenticated;
-- No policy and no grant for the web's role: only the worker reads keys.
grant all on public.user_keys to service_role;
