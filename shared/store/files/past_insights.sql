-- The long statement of shared.store.files.past_insights.

-- name: posts
select i.posted_at, max(i.captured_at) as captured_at,
  coalesce(max(m.caption), (
    select max(a.caption) from public.imported_media a
    where a.profile_id = %(profile)s and a.posted_at = i.posted_at
  )) as caption,
  max(m.permalink) as permalink,
  max(i.value) filter (where i.metric = 'reach') as reach,
  max(i.value) filter (where i.metric = 'impressions') as impressions,
  max(i.value) filter (where i.metric in ('plays', 'views')) as plays,
  max(i.value) filter (where i.metric = 'likes') as likes,
  max(i.value) filter (where i.metric = 'comments') as comments,
  max(i.value) filter (where i.metric = 'shares') as shares,
  max(i.value) filter (where i.metric = 'saves') as saves,
  max(i.value) filter (where i.metric = 'follows') as follows,
  max(i.value) filter (where i.metric = 'profile_visits') as profile_visits
from public.insights i left join public.media m on m.id = i.media_id
where i.profile_id = %(profile)s and i.posted_at is not null
group by i.posted_at order by i.posted_at desc limit %(limit)s
