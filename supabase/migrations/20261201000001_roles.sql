-- The roles that Rollcall's processes sign in as, the roles that the web acts as, and the schema for what no API may expose.
-- Supabase's Data API becomes `anon` or `authenticated`, so these two get no right to anything of Rollcall.
do $$
declare
  name text;
begin
  foreach name in array array['rollcall_web', 'rollcall_worker', 'rollcall_person', 'rollcall_anon'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin noinherit', name);
    end if;
  end loop;
end
$$;
grant rollcall_anon, rollcall_person to rollcall_web;
grant service_role to rollcall_worker;

create schema rollcall;
revoke all on schema rollcall from public;
grant usage on schema rollcall to rollcall_web, rollcall_worker, rollcall_person, service_role;
grant usage on schema public to rollcall_person, rollcall_anon;

-- Web and worker may not read the history of migrations; whether one is applied is all that they need to know.
create function rollcall.is_applied(version text) returns boolean
language sql stable security definer set search_path = ''
as $$ select exists (select from supabase_migrations.schema_migrations as m where m.version = is_applied.version) $$;
grant execute on function rollcall.is_applied(text) to rollcall_web, service_role;

-- Whose profiles the person of this transaction sees. Each policy that shows a row of a profile asks this function, as `(select …)`, so
-- that it is answered once for a statement and the indexes that begin with `user_id` are used. Sharing a profile changes this function.
-- Policies that write, and those of what belongs to the account itself (sessions, second factor, mails), ask `auth.uid()`.
create function rollcall.visible_user() returns uuid language sql stable return auth.uid();

revoke all on all functions in schema rollcall from public;
grant execute on function rollcall.visible_user() to rollcall_person;
