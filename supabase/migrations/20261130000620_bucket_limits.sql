-- The same as before, and limits on what the two buckets take.
create or replace function rollcall.prepare_storage() returns text[] language plpgsql set search_path = '' as $$
declare
  rule record;
  missing text[] := '{}';
begin
  if to_regclass('storage.buckets') is null or to_regclass('storage.objects') is null then
    return missing;
  end if;
  begin
    insert into storage.buckets as b (id, name, public) values ('exports', 'exports', false), ('imports', 'imports', false)
    on conflict (id) do update set public = false where b.public;
    -- A person may put a file there past every page, so each bucket takes one kind of file, and none that is too large. A limit that is
    -- there already stays: `rollcall doctor --hosted --mend` sets that of imports to ARCHIVE_MAX_MB.
    update storage.buckets b set file_size_limit = coalesce(b.file_size_limit, w.largest),
        allowed_mime_types = coalesce(b.allowed_mime_types, array['application/octet-stream'])
      from (values ('imports', 2147483648), ('exports', 5368709120)) as w (id, largest)
      where b.id = w.id and (b.file_size_limit is null or b.allowed_mime_types is null);
  exception when insufficient_privilege then
    missing := missing || 'the buckets exports and imports'::text;
  when undefined_column then
    -- A Storage from before buckets had limits.
    null;
  end;
  -- What is there already is left alone: on Supabase a change of any policy holds up sign-ins and files until its commit.
  for rule in
    select r.bucket, r.command, format('rollcall_%s_%s', r.bucket, r.command) as name, format(
      'bucket_id = %L and (storage.foldername(name))[1] = (select auth.uid())::text', r.bucket) as own
    from (values ('exports', 'select'), ('exports', 'delete'), ('imports', 'select'), ('imports', 'insert'), ('imports', 'delete'))
      as r (bucket, command)
    where not exists (select from pg_catalog.pg_policies p where p.schemaname = 'storage' and p.tablename = 'objects'
      and p.policyname = format('rollcall_%s_%s', r.bucket, r.command))
  loop
    begin
      execute format('create policy %I on storage.objects for %s to authenticated %s (%s)', rule.name, rule.command,
        case rule.command when 'insert' then 'with check' else 'using' end, rule.own);
    exception when insufficient_privilege then
      missing := missing || format('the policy %s on storage.objects', rule.name);
    end;
  end loop;
  return missing;
end
$$;
do $$
declare
  missing text[] := rollcall.prepare_storage();
begin
  if missing <> '{}' then
    raise warning 'Storage is not ready: % could not be made; see docs/hosting-database.md', array_to_string(missing, ', ');
  end if;
end
$$;
