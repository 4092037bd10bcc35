-- What a hosted sign-in still owes before it opens anything: a second factor, or a password of its own.
alter table public.web_sessions
  add column factor_due boolean not null default false,
  add column password_due boolean not null default false,
  -- Since when; a sign-in that stays unfinished ends.
  add column due_since timestamptz;

create function rollcall.session_owe(session uuid, owner uuid, factor boolean, password boolean)
returns void language sql security definer set search_path = '' as $$
  update public.web_sessions set factor_due = factor, password_due = password,
    due_since = case when factor or password then coalesce(due_since, now()) end
  where id = session and user_id = owner
$$;

create function rollcall.session_dues(session uuid)
returns table (factor_due boolean, password_due boolean, seconds_due double precision)
language sql stable security definer set search_path = '' as $$
  select s.factor_due, s.password_due, coalesce(extract(epoch from now() - s.due_since), 0)::double precision
  from public.web_sessions s where s.id = session and s.expires_at > now()
$$;

revoke all on function rollcall.session_owe(uuid, uuid, boolean, boolean) from public;
revoke all on function rollcall.session_dues(uuid) from public;
grant execute on function rollcall.session_owe(uuid, uuid, boolean, boolean) to rollcall_web;
grant execute on function rollcall.session_dues(uuid) to rollcall_web;
