-- Web and worker may not read the history of migrations; whether one is applied is all that they need to know.
create function rollcall.is_applied(version text) returns boolean
language sql stable security definer set search_path = ''
as $$ select exists (select from supabase_migrations.schema_migrations as m where m.version = is_applied.version) $$;
revoke execute on function rollcall.is_applied(text) from public;
grant execute on function rollcall.is_applied(text) to rollcall_web, service_role;
