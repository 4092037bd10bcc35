-- One profile after three years: 1 M followers, 10 k media, daily runs. Values come from bench/pages_data.py.
create temp table drawn as
select i, (i <= 640000 * %(scale)s) as baseline,
  case when i <= 640000 * %(scale)s then 0 else (1 + (hashint8(i) & 2147483647) %% 1094) end as came,
  case when i <= 640000 * %(scale)s and i %% 16 = 0 then (1 + (hashint8(i + 7) & 2147483647) %% 1094)
       when i > 640000 * %(scale)s and i %% 7 < 2
         then nullif(least(1095, (1 + (hashint8(i) & 2147483647) %% 1094) + (hashint8(i + 9) & 2147483647) %% 400), 1095)
       end as went,
  (i %% 50 = 3) as came_back
from generate_series(1, (1200000 * %(scale)s)::bigint) i;

insert into public.people (user_id, profile_id, platform_id, username, full_name, is_private, is_verified,
  follows_me, follows_me_since, i_follow, i_follow_since, first_seen_at, updated_at)
select %(user)s, %(profile)s, (40000000000 + i * 37)::text,
  (array['anna','ben','carla','dimitri','eva','farid','grace','hiro','ines','jonas','kira','luca','mia','noah','olga','pia'])
    [1 + (hashint8(i * 3) & 65535) %% 16] || (array['.','_',''])[1 + i %% 3] || to_hex((hashint8(i * 5) & 16777215)),
  initcap((array['anna','ben','carla','dimitri','eva','farid','grace','hiro','ines','jonas','kira','luca','mia','noah','olga','pia'])
    [1 + (hashint8(i * 3) & 65535) %% 16]) || ' ' ||
  (array['Schmidt','Okafor','Rossi','Tanaka','Silva','Novak','Haddad','Larsen','Moreau','Kowalska'])
    [1 + (hashint8(i * 11) & 65535) %% 10] || case when i %% 9 = 0 then ' ' || to_hex(hashint8(i * 13) & 65535) else '' end,
  i %% 5 < 2, i %% 211 = 0, went is null, case when went is null then %(start)s::timestamptz + came * interval '1 day' end,
  i %% 401 = 0, case when i %% 401 = 0 then %(start)s::timestamptz end,
  %(start)s::timestamptz + came * interval '1 day', %(end)s
from drawn order by came, i;

insert into public.people (user_id, profile_id, platform_id, username, full_name, is_private, is_verified, i_follow,
  i_follow_since, first_seen_at, updated_at)
select %(user)s, %(profile)s, (90000000000 + i)::text, 'brand' || i, 'Brand ' || i, false, true, true, %(start)s, %(start)s, %(end)s
from generate_series(1, (2000 * %(scale)s)::bigint) i;

create temp table numbered as
select d.*, p.id as person_id, p.i_follow from drawn d
join public.people p on p.profile_id = %(profile)s and p.platform_id = (40000000000 + d.i * 37)::text;

insert into public.stays (user_id, profile_id, person_id, direction, since, since_after, since_known, until,
  until_after, until_known, returned)
select %(user)s, %(profile)s, person_id, 'follower', %(start)s::timestamptz + came * interval '1 day',
  case when not baseline then %(start)s::timestamptz + (came - 1) * interval '1 day' end,
  case when baseline then 'before' else 'between' end,
  %(start)s::timestamptz + went * interval '1 day', %(start)s::timestamptz + (went - 1) * interval '1 day',
  case when went is not null then 'between' end, (came_back and came > 60 and went is null)
from numbered order by came, i;

insert into public.stays (user_id, profile_id, person_id, direction, since, since_after, since_known, until,
  until_after, until_known)
select %(user)s, %(profile)s, person_id, 'follower', %(start)s::timestamptz + (came - 50) * interval '1 day',
  %(start)s::timestamptz + (came - 51) * interval '1 day', 'between',
  %(start)s::timestamptz + (came - 20) * interval '1 day', %(start)s::timestamptz + (came - 21) * interval '1 day', 'between'
from numbered where came_back and came > 60 and went is null;

insert into public.stays (user_id, profile_id, person_id, direction, since, since_known)
select %(user)s, %(profile)s, id, 'following', %(start)s, 'before' from public.people
where profile_id = %(profile)s and i_follow;

insert into public.person_names (user_id, profile_id, person_id, username, renamed_to, renamed_at, renamed_after)
select %(user)s, %(profile)s, p.id, 'old.' || p.username, p.username,
  %(start)s::timestamptz + ((hashint8(p.id) & 65535) %% 1094 + 1) * interval '1 day',
  %(start)s::timestamptz + ((hashint8(p.id) & 65535) %% 1094) * interval '1 day'
from public.people p where p.profile_id = %(profile)s and p.id %% 40 = 0;

create temp table daily as
select n as day_number, %(start)s::timestamptz + n * interval '1 day' as at,
  (select count(*) from public.stays s where s.profile_id = %(profile)s and s.user_id = %(user)s
    and s.direction = 'follower' and s.since = %(start)s::timestamptz + n * interval '1 day'
    and s.since_known <> 'before') as gained,
  (select count(*) from public.stays s where s.profile_id = %(profile)s and s.user_id = %(user)s
    and s.direction = 'follower' and s.until = %(start)s::timestamptz + n * interval '1 day') as lost
from generate_series(0, 1094) n;

create temp table running as
select d.*, (640000 * %(scale)s)::bigint + sum(gained - lost) over (order by day_number) as followers from daily d;

insert into public.list_runs (user_id, profile_id, direction, state, verdict, reported_before, reported_after, seen, pages,
  gained, lost, returned, renamed, missing, exact, observed_start, observed_end, started_at, ended_at)
select %(user)s, %(profile)s, direction, 'PUBLISHED', case when day_number %% 90 = 45 then 'partial' else 'whole' end,
  followers, followers, followers, followers / 25 + 1,
  case when direction = 'follower' then gained else 0 end, case when direction = 'follower' then lost else 0 end,
  0, 30, 0, true, at - interval '20 minutes', at, at - interval '20 minutes', at
from running cross join (values ('follower'), ('following')) d (direction);

insert into public.profile_days (profile_id, day, user_id, followers, following, media, gained, lost, returned, renamed,
  whole_runs, formula_version)
select %(profile)s, at::date, %(user)s, followers, 5000, day_number * 9, gained, lost, 0, 30, 1, 1 from running;

insert into public.profile_counts (profile_id, captured_at, user_id, source, followers, following, media)
select %(profile)s, at, %(user)s, 'web_profile_info', followers, 5000, day_number * 9 from running;

insert into public.media (user_id, profile_id, platform_id, code, kind, permalink, caption, hashtags, posted_at,
  followers_at_post, likes, comments, plays, metrics_at, er_formula, er_numerator, er_denominator, first_seen_at, last_seen_at)
select %(user)s, %(profile)s, (3000000000000000000 + i)::text, 'C' || i,
  (array['image', 'carousel', 'reel', 'reel', 'video'])[1 + i %% 5], 'https://www.instagram.com/p/C' || i || '/',
  repeat('Morning light over the harbour, tide ' || i || ' and a coffee. ', (1 + i %% 6)::integer) || '#harbour #light' || i %% 40,
  array['harbour', 'light' || i %% 40], %(start)s::timestamptz + i * (interval '1094 days' / (10000 * %(scale)s)),
  800000, case when i %% 97 = 0 then null else 4000 + (hashint8(i) & 65535) end, (hashint8(i + 1) & 1023),
  case when i %% 5 >= 2 then 60000 + (hashint8(i + 2) & 262143) end, %(end)s, 'er_followers_at_post',
  case when i %% 97 = 0 then null else 4000 + (hashint8(i) & 65535) + (hashint8(i + 1) & 1023) end, 800000, %(start)s, %(end)s
from generate_series(1, (10000 * %(scale)s)::bigint) i;

insert into public.media_metrics (media_id, captured_at, user_id, profile_id, source, likes, comments, plays)
select m.id, m.posted_at + h * interval '8 hours', m.user_id, m.profile_id, 'feed', m.likes * h / 10, m.comments * h / 10, m.plays
from public.media m cross join generate_series(1, 10) h where m.profile_id = %(profile)s;

insert into public.insights (user_id, profile_id, source, metric, period, posted_at, media_id, value, captured_at)
select m.user_id, m.profile_id, 'data_download', metric, 'lifetime', m.posted_at, m.id, 1000 + (hashint8(m.id) & 65535),
  m.posted_at + interval '60 days'
from public.media m cross join unnest(array['reach', 'impressions', 'saves', 'shares', 'follows', 'profile_visits']) metric
where m.profile_id = %(profile)s;

insert into public.insights (user_id, profile_id, source, metric, period, started_on, ended_on, breakdown, value, captured_at)
select %(user)s, %(profile)s, 'data_download', metric, 'range', %(end)s::timestamptz - 90 * interval '1 day', %(end)s, part, 7, %(end)s
from (values ('reach'), ('followers_by_city'), ('followers_by_country')) figure (metric)
cross join lateral (select case when metric <> 'reach' then 'Part ' || i end as part
  from generate_series(1, case when metric = 'reach' then 1 else 45 end) i) of_it;

insert into public.sync_jobs (user_id, profile_id, kind, state, created_at, started_at, ended_at, progress)
select %(user)s, %(profile)s, (array['SYNC_FOLLOWERS', 'SYNC_FOLLOWING', 'SYNC_MEDIA'])[k],
  case when day_number %% 50 = 7 then 'FAILED' else 'COMPLETED' end, at + k * interval '1 hour',
  at + k * interval '1 hour', at + k * interval '1 hour 12 minutes', '{"step": "followers", "done": 40000, "total": 40000}'
from running cross join generate_series(1, 3) k;

insert into public.sync_attempts (user_id, job_id, profile_id, kind, fence, worker, started_at, ended_at, outcome, items)
select user_id, id, profile_id, kind, 1, 'bench', started_at, ended_at, state, 40000 from public.sync_jobs
where profile_id = %(profile)s;

update public.profiles set followers = (select followers from running order by day_number desc limit 1), following = 5000,
  media_count = 10000 * %(scale)s, observed_at = %(end)s, display_name = 'Harbour Light',
  mutual_count = (select count(*) from public.people where profile_id = %(profile)s and follows_me and i_follow),
  fan_count = (select count(*) from public.people where profile_id = %(profile)s and follows_me and not i_follow),
  not_following_back_count = (select count(*) from public.people where profile_id = %(profile)s and i_follow and not follows_me)
where id = %(profile)s;
