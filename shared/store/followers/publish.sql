-- The statements of shared.store.followers.publish, in the order in which a publication runs them.
-- Each one filters by user and profile. The columns of people of one list stand in braces.

-- name: before
select max(observed_start) filter (where verdict = 'whole') as whole_start
from public.list_runs
where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s and state = 'PUBLISHED'

-- name: observed_end
select observed_end from public.list_runs where user_id = %s and id = %s and state = 'WALKING'

-- name: stage
-- The last page with a person has their present name; values that a page leaves out stay, and a name
-- that is shown for the first time is no rename.
insert into staged
select s.platform_id, coalesce(nullif(s.username, ''), p.username, ''),
  coalesce(s.full_name, p.full_name), coalesce(s.is_private, p.is_private),
  coalesce(s.is_verified, p.is_verified), s.page, s.place, p.id, p.{follows}, p.username,
  p.username <> coalesce(nullif(s.username, ''), p.username)
    or p.full_name is distinct from coalesce(s.full_name, p.full_name)
    or p.is_private is distinct from coalesce(s.is_private, p.is_private)
    or p.is_verified is distinct from coalesce(s.is_verified, p.is_verified)
from (
  select distinct on (u.platform_id collate "C") u.*, l.page
  from public.list_pages l, unnest(l.platform_ids, l.usernames, l.full_names, l.is_private, l.is_verified)
    with ordinality as u (platform_id, username, full_name, is_private, is_verified, place)
  where l.user_id = %(user_id)s and l.run_id = %(run)s
  order by u.platform_id collate "C", u.username = '', l.page desc, u.place desc
) s
left join public.people p on p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
  and p.platform_id = s.platform_id collate "C"

-- name: analyze
analyze staged

-- name: renamed
insert into public.person_names
  (user_id, profile_id, person_id, username, renamed_to, renamed_at, renamed_after, run_id)
select %(user_id)s, %(profile_id)s, person_id, old_username, username, %(at)s,
  case when follows then %(after)s::timestamptz end, %(run)s
from staged where old_username <> username and old_username <> ''

-- name: updated
update public.people p set username = s.username, full_name = s.full_name, is_private = s.is_private,
  is_verified = s.is_verified, updated_at = %(at)s
from staged s where s.changed and p.id = s.person_id
  and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s

-- name: former
-- The newest complete walk of another occasion: its counter, the nearer of the two that were read, and its gap. A void
-- list says nothing, and neither does its gap.
select c.reported, c.reported - r.seen as gap from public.list_runs r, lateral (
  select reported from (values (r.reported_before), (r.reported_after)) counts (reported)
  where reported is not null order by abs(reported - r.seen) limit 1
) c
where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s and state = 'PUBLISHED'
  and complete and verdict <> 'void' and observed_end <= %(former_by)s
order by observed_end desc limit 1

-- name: differences
select count(*) filter (where s.person_id is not null and f.missing_since is not null) as seen_again,
  count(*) filter (where s.person_id is null and f.missing_since is null) as absent,
  (select count(distinct platform_id) from staged where follows is not true) as joined
from public.stays f
left join (select distinct person_id from staged where person_id is not null) s on s.person_id = f.person_id
where f.until is null and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s and f.direction = %(direction)s

-- name: absent
select count(*) as held, count(*) filter (where s.person_id is null) as absent
from public.people p
left join (select distinct person_id from staged where person_id is not null) s on s.person_id = p.id
where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows}

-- name: waiting
select count(*) from public.stays where user_id = %(user_id)s and profile_id = %(profile_id)s
  and direction = %(direction)s and until is null and missing_since is not null

-- name: joined
-- Written from the list's end to its top, so that a higher id stands nearer the top: the newest are listed first.
with fresh as (
  insert into public.people (user_id, profile_id, platform_id, username, full_name, is_private, is_verified,
    {follows}, {follows_since}, first_seen_at, updated_at)
  select %(user_id)s, %(profile_id)s, platform_id, username, full_name, is_private, is_verified,
    true, %(at)s, %(at)s, %(at)s
  from staged where person_id is null order by page desc, place desc
  returning id
), known as (
  update public.people p set {follows} = true, {follows_since} = %(at)s, updated_at = %(at)s
  from staged s where s.person_id = p.id and not s.follows
    and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
  returning p.id
), opened as (
  insert into public.stays
    (user_id, profile_id, person_id, direction, since, since_after, since_known, returned, start_run)
  select %(user_id)s, %(profile_id)s, j.id, %(direction)s, %(at)s, %(after)s,
    case when %(after)s::timestamptz is null then 'before' else 'between' end, j.returned, %(run)s
  from (
    select id, false as returned from fresh
    union all
    select id, exists (
      select from public.stays f
      where f.person_id = known.id and f.direction = %(direction)s and f.until is not null
    ) from known
  ) j
  returning returned
)
select count(*) as joined, count(*) filter (where returned) as returned from opened

-- name: finish
update public.list_runs set state = 'PUBLISHED', ended_at = clock_timestamp(), verdict = %(verdict)s,
  reason = %(reason)s, exact = %(exact)s, reported_before = %(reported_before)s,
  reported_after = %(reported_after)s, seen = %(seen)s, gained = %(gained)s, lost = %(lost)s,
  returned = %(returned)s, renamed = %(renamed)s, missing = %(missing)s, passes = %(passes)s,
  complete = %(complete)s
where id = %(run)s and user_id = %(user_id)s and state = 'WALKING'

-- name: clear
delete from public.list_pages where user_id = %(user_id)s and run_id = %(run)s

-- name: people_on
select count(*) from public.stays
where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s
  and since <= %(at)s and (until is null or until > %(at)s)
