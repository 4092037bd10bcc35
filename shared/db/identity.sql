-- The embedded identity: what the web may ask of auth.users. Applied after the migrations where schema auth is ours; idempotent.
create or replace function rollcall.identity_create(address text, hash text)
returns uuid language sql security definer set search_path = '' as $$
  insert into auth.users (email, encrypted_password) values (address, hash)
  on conflict (lower(email)) do nothing returning id
$$;

create or replace function rollcall.identity_find(address text)
returns table (user_id uuid, password_hash text) language sql stable security definer set search_path = '' as $$
  select id, encrypted_password from auth.users where lower(email) = lower(address)
$$;

create or replace function rollcall.identity_replace_hash(account uuid, known_hash text, fresh_hash text)
returns boolean language sql security definer set search_path = '' as $$
  with changed as (
    update auth.users set encrypted_password = fresh_hash, updated_at = now()
    where id = account and encrypted_password = known_hash returning 1
  )
  select exists (select from changed)
$$;

create or replace function rollcall.identity_signed_in(account uuid)
returns void language sql security definer set search_path = '' as $$
  update auth.users set last_sign_in_at = now() where id = account
$$;

revoke all on function rollcall.identity_create(text, text) from public;
revoke all on function rollcall.identity_find(text) from public;
revoke all on function rollcall.identity_replace_hash(uuid, text, text) from public;
revoke all on function rollcall.identity_signed_in(uuid) from public;
grant execute on function rollcall.identity_create(text, text) to rollcall_web;
grant execute on function rollcall.identity_find(text) to rollcall_web;
grant execute on function rollcall.identity_replace_hash(uuid, text, text) to rollcall_web;
grant execute on function rollcall.identity_signed_in(uuid) to rollcall_web;

-- Whoever is leaving cannot sign in any more, and their address is free at once.
create or replace function rollcall.identity_leaves() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update auth.users set email = id::text || '@leaving.invalid', encrypted_password = 'no login', updated_at = now() where id = new.user_id;
  return null;
end
$$;
do $$
begin
  if to_regclass('rollcall.account_deletions') is not null then
    create or replace trigger identity_leaves after insert on rollcall.account_deletions
      for each row execute function rollcall.identity_leaves();
  end if;
end
$$;

-- The account's own row, and by it every row that is left of it. Only of someone who asked to leave.
create or replace function rollcall.identity_delete(account uuid)
returns boolean language plpgsql security definer set search_path = '' as $$
begin
  delete from auth.users u where u.id = account and exists (select from rollcall.account_deletions e where e.user_id = account);
  return found;
end
$$;
revoke all on function rollcall.identity_leaves(), rollcall.identity_delete(uuid) from public;
grant execute on function rollcall.identity_delete(uuid) to service_role;
