-- The statements of shared.store.followers.publish_import, in the order in which an import runs them.
-- `named` holds the data download's people, `staged` is the table of a publication with two more columns.
-- The columns of people of one list stand in braces.

-- name: named
create temporary table named (
  direction text, username text collate "C", followed_at timestamptz, uncertain interval
) on commit drop

-- name: copy
copy named (direction, username, followed_at, uncertain) from stdin

-- name: listed
select direction, count(distinct username) as count, min(followed_at) as oldest, max(followed_at) as newest,
  count(distinct username) - count(distinct username) filter (where followed_at is not null) as undated,
  count(*) - count(distinct username) as twice
from named group by direction

-- name: before
-- A list whose file does not tell its day is of some day between its newest entry and its packing (`observed_start` and
-- `observed_end`). One that tells a day after that entry is newer: its people were not in the other yet.
select max(observed_start) filter (where verdict = 'whole') as after, max(observed_end) as last_end,
  max(case when source = 'data_download' and observed_start is not null then observed_start else observed_end end)
    as known_end,
  (array_agg(seen order by observed_end desc) filter (where verdict = 'whole'))[1] as last_count
from public.list_runs
where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s and state = 'PUBLISHED'

-- name: columns
alter table staged add followed_at timestamptz, add uncertain interval

-- name: match
-- The newest holder of a name, unless they took it after the data download was made. A date after that time,
-- or one that may be hours off, is not exact.
insert into staged (username, page, place, person_id, follows, followed_at, uncertain)
select n.username, 0, 0, p.id, p.{follows},
  case when n.followed_at <= %(at)s then n.followed_at end, n.uncertain
from (
  select distinct on (username) username, followed_at, uncertain from named
  where direction = %(direction)s order by username, followed_at desc nulls last
) n
left join (
  select distinct on (username) id, username, {follows} from public.people p
  where user_id = %(user_id)s and profile_id = %(profile_id)s and not exists (
    select from public.person_names r
    where r.person_id = p.id and r.renamed_to = p.username
      and coalesce(r.renamed_after, r.renamed_at) >= %(at)s
  )
  order by username, {follows} desc, platform_id nulls last, updated_at desc
) p on p.username = n.username

-- name: match_old
-- Names of that time that people have changed since.
update staged s set person_id = r.person_id, follows = p.{follows}
from (
  select distinct on (person_id) person_id, username from public.person_names
  where user_id = %(user_id)s and profile_id = %(profile_id)s and renamed_at > %(at)s
  order by person_id, renamed_at
) r join public.people p on p.id = r.person_id
where s.person_id is null and s.username = r.username
  and not exists (select from staged o where o.person_id = r.person_id)

-- name: analyze
analyze staged

-- name: cut_off
-- People of the last data download who followed before this list begins: all of them are missing from it.
select count(*) as people from public.stays f join public.people p on p.id = f.person_id
where f.user_id = %(user_id)s and f.profile_id = %(profile_id)s and f.direction = %(direction)s
  and f.until is null and f.since_known in ('exact', 'between') and p.{follows}
  and f.since < (select min(followed_at) from staged)
  and not exists (select from staged s where s.person_id = f.person_id)

-- name: absent
-- Known people who are missing: all, those that a data download may lose, and those later than its newest entry.
select count(*) as everybody, count(*) filter (where p.platform_id is null) as absent,
  count(*) filter (where p.platform_id is null and coalesce(
    case when f.since_known = 'exact' then f.since else f.since_after end
      > (select max(followed_at - coalesce(uncertain, '0')) from staged), false)) as came_after
from public.people p left join public.stays f
  on f.person_id = p.id and f.direction = %(direction)s and f.until is null
where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows}
  and not exists (select from staged s where s.person_id = p.id)

-- name: dated
-- An exact date replaces a date known only as between two readings, if it lies between them.
with dated as (
  update public.stays f set since = s.followed_at, since_after = null, since_known = 'exact'
  from staged s
  where s.person_id = f.person_id and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s
    and f.direction = %(direction)s and f.since_known <> 'exact' and s.uncertain is null
    and s.followed_at <= f.since and s.followed_at >= coalesce(f.since_after, '-infinity')
  returning f.person_id, f.since, f.until
), shown as (
  update public.people p set {follows_since} = d.since
  from dated d where d.until is null and p.id = d.person_id and p.user_id = %(user_id)s
)
select count(*) as dated from dated

-- name: guessed
-- Two names with the same second of following, one gone and one new, both older than the last list: one person, likely.
with gone as (
  select p.id, p.username, f.since, count(*) over (partition by f.since) as alike
  from public.people p join public.stays f on f.person_id = p.id
  where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows}
    and f.direction = %(direction)s and f.until is null and f.since_known = 'exact' and f.since < %(after)s
    and not exists (select from staged s where s.person_id = p.id)
), fresh as (
  select username, followed_at, count(*) over (partition by followed_at) as alike from staged
  where person_id is null and uncertain is null and followed_at < %(after)s
), pairs as (
  select g.id, g.username, f.username as renamed_to
  from gone g join fresh f on f.followed_at = g.since where g.alike = 1 and f.alike = 1
), noted as (
  insert into public.person_names
    (user_id, profile_id, person_id, username, renamed_to, renamed_at, renamed_after, guessed, run_id)
  select %(user_id)s, %(profile_id)s, id, username, renamed_to, %(at)s, %(after)s, true, %(run)s from pairs
), renamed as (
  update public.people p set username = r.renamed_to, updated_at = %(at)s
  from pairs r where p.id = r.id and p.user_id = %(user_id)s
)
update staged s set person_id = r.id, follows = true from pairs r where s.username = r.renamed_to

-- name: spared
-- A data download has no ids, so it never ends the stay of a person with an id: they may have a new name.
-- If they did leave, it was after they were last seen by their id.
with spared as (
  insert into staged (person_id, follows)
  select p.id, true from public.people p
  where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows} and p.platform_id is not null
    and not exists (select from staged s where s.person_id = p.id)
  returning person_id
)
update public.stays f set until_after = greatest(%(after)s,
  (select r.observed_start from public.list_runs r where r.id = f.start_run))
from spared s
where f.person_id = s.person_id and f.direction = %(direction)s and f.until is null and f.missing_since is null
  and f.until_after is null and f.user_id = %(user_id)s and f.profile_id = %(profile_id)s

-- name: held
select count(*) as held, count(*) filter (where s.person_id is null) as absent
from public.people p
left join (select distinct person_id from staged where person_id is not null) s on s.person_id = p.id
where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows} and p.platform_id is null

-- name: nameless
-- A person without a known name may be anyone in the data download.
select count(*) as people from public.people p
where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s and p.{follows} and p.username = ''

-- name: joined
-- An exact date counts unless it lies before a known leaving; then the person returned some time after that.
with coming as (
  select s.username, s.person_id, s.followed_at, s.uncertain, s.person_id is not null and exists (
      select from public.stays f where f.person_id = s.person_id and f.direction = %(direction)s
        and f.until is not null
    ) as returned,
    (select max(f.until) from public.stays f
      where f.person_id = s.person_id and f.direction = %(direction)s) as left_at
  from staged s where s.username is not null and not coalesce(s.follows, false)
), dated as (
  select username, person_id, returned, left_at, uncertain is null as exact,
    case when followed_at >= coalesce(left_at, '-infinity')
      then least(followed_at + coalesce(uncertain, '0'), %(at)s) end as since,
    case when uncertain is null then null
      else greatest(followed_at - uncertain, coalesce(left_at, '-infinity')) end as since_after
  from coming
), fresh as (
  insert into public.people (user_id, profile_id, username, {follows}, {follows_since}, first_seen_at, updated_at)
  select %(user_id)s, %(profile_id)s, username, true, coalesce(since, %(at)s), %(at)s, %(at)s
  from dated where person_id is null order by since nulls first, username
  returning id, username
), known as (
  update public.people p set {follows} = true, {follows_since} = coalesce(d.since, %(at)s), updated_at = %(at)s
  from dated d where p.id = d.person_id and p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
  returning p.id, d.username
), opened as (
  insert into public.stays
    (user_id, profile_id, person_id, direction, since, since_after, since_known, returned, start_run)
  select %(user_id)s, %(profile_id)s, j.id, %(direction)s, coalesce(d.since, %(at)s),
    case when d.since is null then coalesce(d.left_at, %(after)s) else d.since_after end,
    case when d.since is not null then case when d.exact then 'exact' else 'between' end
      when coalesce(d.left_at, %(after)s::timestamptz) is null then 'before' else 'between' end,
    d.returned, %(run)s
  from (select id, username from fresh union all select id, username from known) j
  join dated d on d.username = j.username
  returning since, returned
)
select count(*) filter (where since > %(after)s) as gained, count(*) filter (where returned) as returned from opened

-- name: published
insert into public.list_runs (id, user_id, profile_id, job_id, direction, state, source, verdict, reason, exact,
  seen, gained, lost, returned, renamed, missing, observed_start, observed_end, ended_at)
values (%(run)s, %(user_id)s, %(profile_id)s, %(job_id)s, %(direction)s, 'PUBLISHED', 'data_download', %(verdict)s,
  %(reason)s, %(exact)s, %(seen)s, %(gained)s, %(lost)s, %(returned)s, %(renamed)s, %(missing)s,
  %(earliest)s, %(at)s, clock_timestamp())

-- name: left
-- People whom the account stopped following; the data download has the date.
update public.stays f set until = n.followed_at, until_after = null, until_known = 'exact'
from named n join public.people p on p.username = n.username
where n.direction = 'unfollowed' and n.uncertain is null and p.user_id = %(user_id)s
  and p.profile_id = %(profile_id)s and f.person_id = p.id and f.user_id = %(user_id)s
  and f.direction = 'following' and f.until_known = 'between' and n.followed_at >= f.since
  and n.followed_at <= f.until and n.followed_at >= coalesce(f.until_after, '-infinity')

-- name: counter
-- Counted from a whole list only where no browser ever read the profile's own counters, for the first day that the
-- list can belong to.
with told as (
  update public.profiles set followers = coalesce(%(followers)s, followers),
    following = coalesce(%(following)s, following), observed_at = greatest(observed_at, %(earliest)s),
    updated_at = now()
  where id = %(profile_id)s and user_id = %(user_id)s and external_id is null
    and coalesce(observed_at, '-infinity') <= %(earliest)s
  returning id
)
insert into public.profile_counts (profile_id, captured_at, user_id, source, followers, following)
select id, %(earliest)s, %(user_id)s, 'data_download', %(followers)s, %(following)s from told
on conflict (profile_id, captured_at) do update set
  followers = coalesce(excluded.followers, profile_counts.followers),
  following = coalesce(excluded.following, profile_counts.following)
