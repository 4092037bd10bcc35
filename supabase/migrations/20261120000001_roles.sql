-- The two roles that Rollcall's processes sign in as, and the private schema for what no API may expose.
do $$
begin
  if not exists (select from pg_roles where rolname = 'rollcall_web') then
    create role rollcall_web nologin noinherit;
  end if;
  if not exists (select from pg_roles where rolname = 'rollcall_worker') then
    create role rollcall_worker nologin noinherit;
  end if;
end
$$;
grant anon, authenticated to rollcall_web;
grant service_role to rollcall_worker;

create schema rollcall;
revoke all on schema rollcall from public;
grant usage on schema rollcall to rollcall_web, rollcall_worker, authenticated, service_role;
