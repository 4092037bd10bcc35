-- The long statements of shared.store.deletion.erase_person.

-- name: find
-- The person with the id, and people known only from a data download under one of this person's names.
create temporary table person_to_erase on commit drop as
with known as (
  select p.id, p.user_id, p.profile_id, p.username from public.people p
  join public.profiles o on o.id = p.profile_id and o.user_id = p.user_id and o.platform = %(platform)s
  where p.platform_id = %(id)s
), named as (
  select user_id, profile_id, username from known
  union select n.user_id, n.profile_id, n.username from public.person_names n join known on known.id = n.person_id
  union select n.user_id, n.profile_id, n.renamed_to from public.person_names n
    join known on known.id = n.person_id
  union select m.user_id, m.profile_id, m.username from public.media_people m
    join public.profiles o on o.id = m.profile_id and o.platform = %(platform)s where m.platform_id = %(id)s
)
select user_id, profile_id, username, null::bigint as person_id from named where username <> ''
union all select user_id, profile_id, username, id from known
union all select p.user_id, p.profile_id, p.username, p.id from public.people p
  join named using (user_id, profile_id, username) where p.platform_id is null and p.username <> ''

-- name: people
-- The counted classes lose the erased people; NULL stays not known.
with gone as (
  delete from public.people p using (select distinct person_id from person_to_erase) e
  where p.id = e.person_id returning p.profile_id, p.follows_me, p.i_follow
), counted as (
  update public.profiles o set
    mutual_count = o.mutual_count - g.mutual, fan_count = o.fan_count - g.fans,
    not_following_back_count = o.not_following_back_count - g.others
  from (
    select profile_id, count(*) filter (where follows_me and i_follow) as mutual,
      count(*) filter (where follows_me and not i_follow) as fans,
      count(*) filter (where i_follow and not follows_me) as others
    from gone group by profile_id
  ) g where o.id = g.profile_id
)
select count(*) as n from gone

-- name: engagers
with gone as (
  delete from public.media_people m using public.profiles o
  where o.id = m.profile_id and o.platform = %(platform)s and m.platform_id = %(id)s
  returning m.media_id, m.role
), counted as (
  update public.media_engagers a set known = greatest(a.known - 1, 0)
  from gone where a.media_id = gone.media_id and a.role = gone.role
)
select count(*) as n from gone

-- name: pages
update public.list_pages l set (platform_ids, usernames, full_names, is_private, is_verified) = (
  select coalesce(array_agg(t.i order by t.n), '{}'), coalesce(array_agg(t.u order by t.n), '{}'),
    coalesce(array_agg(t.f order by t.n), '{}'), coalesce(array_agg(t.p order by t.n), '{}'),
    coalesce(array_agg(t.v order by t.n), '{}')
  from unnest(l.platform_ids, l.usernames, l.full_names, l.is_private, l.is_verified)
    with ordinality as t (i, u, f, p, v, n)
  where t.i <> %(id)s
)
from public.list_runs r join public.profiles o on o.id = r.profile_id
where r.id = l.run_id and o.platform = %(platform)s and %(id)s = any(l.platform_ids)

-- name: media
update public.media m set
  mentions = (select coalesce(array_agg(x), '{}') from unnest(m.mentions) x where lower(x) <> all (e.names)),
  coauthors = (select coalesce(array_agg(x), '{}') from unnest(m.coauthors) x where lower(x) <> all (e.names)),
  owner_username = case when m.owner_platform_id = %(id)s then null else m.owner_username end,
  owner_platform_id = nullif(m.owner_platform_id, %(id)s)
from public.profiles o
left join (
  select profile_id, array_agg(distinct lower(username)) as names from person_to_erase group by profile_id
) named on named.profile_id = o.id
cross join lateral (select coalesce(named.names, '{}') as names) e
where o.id = m.profile_id and o.platform = %(platform)s and (m.owner_platform_id = %(id)s
  or exists (select from unnest(m.mentions || m.coauthors) x where lower(x) = any (e.names)))

-- name: staged
update public.media_staged s set payload = s.payload
  || jsonb_build_object('mentions', (select coalesce(jsonb_agg(x), '[]') from
    jsonb_array_elements_text(s.payload -> 'mentions') x where lower(x) <> all (e.names)))
  || jsonb_build_object('coauthors', (select coalesce(jsonb_agg(x), '[]') from
    jsonb_array_elements_text(s.payload -> 'coauthors') x where lower(x) <> all (e.names)))
  || case when s.payload ->> 'owner_platform_id' = %(id)s
    then '{"owner_platform_id": null, "owner_username": null}' else '{}' end::jsonb
from public.profiles o
left join (
  select profile_id, array_agg(distinct lower(username)) as names from person_to_erase group by profile_id
) named on named.profile_id = o.id
cross join lateral (select coalesce(named.names, '{}') as names) e
where o.id = s.profile_id and o.platform = %(platform)s and (s.payload ->> 'owner_platform_id' = %(id)s or exists (
  select from jsonb_array_elements_text((s.payload -> 'mentions') || (s.payload -> 'coauthors')) x
  where lower(x) = any (e.names)))
