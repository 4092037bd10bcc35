-- The roles of Supabase's Data API lose what later migrations may grant them.

-- Moves the rights and policies of `authenticated` on these tables of ours, and in our own schema, to `rollcall_person`, and takes
-- everything there from `anon` and `authenticated`. `rollcall migrate` calls it each time, so a later migration that still names them
-- opens nothing. It returns how many objects it changed.
create function rollcall.close_data_api(tables text[]) returns integer language plpgsql set search_path = '' as $$
declare
  one record;
  changed integer := 0;
begin
  for one in
    select c.oid::regclass as name, a.privilege_type, null::name as field
      from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
     where a.grantee = 'authenticated'::regrole and c.relkind in ('r', 'p', 'v', 'm', 'f') and (c.relnamespace = 'rollcall'::regnamespace
       or c.relnamespace = 'public'::regnamespace and c.relname = any (tables))
    union all
    select c.oid::regclass, a.privilege_type, t.attname
      from pg_catalog.pg_class c join pg_catalog.pg_attribute t on t.attrelid = c.oid, pg_catalog.aclexplode(t.attacl) a
     where a.grantee = 'authenticated'::regrole and c.relkind in ('r', 'p', 'v', 'm', 'f') and (c.relnamespace = 'rollcall'::regnamespace
       or c.relnamespace = 'public'::regnamespace and c.relname = any (tables))
  loop
    execute format('grant %s %s on %s to rollcall_person', one.privilege_type, coalesce('(' || quote_ident(one.field) || ')', ''), one.name);
  end loop;
  for one in
    select p.oid::regprocedure as name from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
     where a.grantee = 'authenticated'::regrole and p.pronamespace = 'rollcall'::regnamespace
  loop
    execute format('grant execute on function %s to rollcall_person', one.name);
  end loop;
  for one in
    select p.schemaname, p.tablename, p.policyname from pg_catalog.pg_policies p
     where p.roles && array['anon', 'authenticated']::name[] and (p.schemaname = 'rollcall'
       or p.schemaname = 'public' and p.tablename = any (tables))
  loop
    execute format('alter policy %I on %I.%I to rollcall_person', one.policyname, one.schemaname, one.tablename);
    changed := changed + 1;
  end loop;
  for one in
    select distinct case c.relkind when 'S' then 'sequence' else 'table' end as sort, c.oid::regclass::text as name
      from pg_catalog.pg_class c left join pg_catalog.pg_attribute t on t.attrelid = c.oid and t.attacl is not null,
        lateral (select e.grantee from pg_catalog.aclexplode(c.relacl) e union select f.grantee from pg_catalog.aclexplode(t.attacl) f) a
     where a.grantee in ('anon'::regrole, 'authenticated'::regrole) and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
       and (c.relnamespace = 'rollcall'::regnamespace
         or c.relnamespace = 'public'::regnamespace and c.relname = any (tables)
         -- The sequence of an identity column goes with its table.
         or c.relkind = 'S' and exists (select from pg_catalog.pg_depend d join pg_catalog.pg_class o on o.oid = d.refobjid
           where d.objid = c.oid and d.deptype in ('a', 'i') and o.relnamespace = 'public'::regnamespace and o.relname = any (tables)))
    union all
    select distinct 'function', p.oid::regprocedure::text from pg_catalog.pg_proc p, pg_catalog.aclexplode(p.proacl) a
     where a.grantee in ('anon'::regrole, 'authenticated'::regrole) and p.pronamespace = 'rollcall'::regnamespace
    union all
    select distinct 'schema', 'rollcall' from pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
     where n.nspname = 'rollcall' and a.grantee in ('anon'::regrole, 'authenticated'::regrole)
  loop
    execute format('revoke all on %s %s from anon, authenticated', one.sort, one.name);
    changed := changed + 1;
  end loop;
  return changed;
end
$$;

revoke all on all functions in schema rollcall from public;
