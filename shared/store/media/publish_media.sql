-- The long statements of shared.store.media.publish_media.

-- name: staged_page
-- Followers at posting time: the last count at or before it, within two weeks; older posts get no guess.
select s.platform_id, s.payload, s.observed_at, s.in_posts, m.id, m.kind, m.caption, m.hashtags, m.mentions,
  m.likes, m.comments, m.plays, m.facebook_plays, m.views, m.engaged_views, m.saves, m.shares, m.reach, m.metrics_at,
  coalesce(m.followers_at_post, c.followers) as followers_at_post
from public.media_staged s
left join public.media m on m.profile_id = s.profile_id and m.platform_id = s.platform_id
left join lateral (
  select c.followers from public.profile_counts c
  where c.user_id = s.user_id and c.profile_id = s.profile_id and c.followers is not null
    and c.captured_at <= s.posted_at and c.captured_at > s.posted_at - interval '14 days'
  order by c.captured_at desc limit 1
) c on m.followers_at_post is null
where s.run_id = %(run)s and s.user_id = %(user_id)s and s.platform_id > %(after)s
order by s.platform_id limit %(batch)s

-- name: upsert
insert into public.media as m (user_id, profile_id, platform_id, code, kind, permalink, caption, hashtags, mentions,
  coauthors, owner_platform_id, owner_username, posted_at, expires_at, duration_seconds, is_pinned, in_grid,
  is_paid_partnership, counts_hidden, followers_at_post, likes, comments, plays, facebook_plays, views,
  engaged_views, shares, metrics_at, er_formula, er_numerator, er_denominator, first_seen_at, last_seen_at)
select %(user_id)s, %(profile_id)s, platform_id, code, kind, permalink, caption, hashtags, mentions,
  coauthors, owner_platform_id, owner_username, posted_at, expires_at, duration_seconds, is_pinned, in_grid,
  is_paid_partnership, counts_hidden, followers_at_post, likes, comments, plays, facebook_plays, views,
  engaged_views, shares, metrics_at, er_formula, er_numerator, er_denominator, last_seen_at, last_seen_at
from jsonb_populate_recordset(null::public.media, %(rows)s)
on conflict (profile_id, platform_id) do update set
  code = coalesce(excluded.code, m.code), kind = excluded.kind,
  permalink = coalesce(excluded.permalink, m.permalink), caption = excluded.caption,
  hashtags = excluded.hashtags, mentions = excluded.mentions, coauthors = excluded.coauthors,
  owner_platform_id = coalesce(excluded.owner_platform_id, m.owner_platform_id),
  owner_username = coalesce(excluded.owner_username, m.owner_username),
  posted_at = coalesce(excluded.posted_at, m.posted_at),
  expires_at = coalesce(excluded.expires_at, m.expires_at),
  duration_seconds = coalesce(excluded.duration_seconds, m.duration_seconds),
  is_pinned = excluded.is_pinned, in_grid = coalesce(excluded.in_grid, m.in_grid),
  is_paid_partnership = coalesce(excluded.is_paid_partnership, m.is_paid_partnership),
  counts_hidden = excluded.counts_hidden,
  followers_at_post = coalesce(m.followers_at_post, excluded.followers_at_post),
  likes = excluded.likes, comments = excluded.comments, plays = excluded.plays,
  facebook_plays = excluded.facebook_plays, views = excluded.views,
  engaged_views = excluded.engaged_views, shares = excluded.shares, metrics_at = excluded.metrics_at,
  er_formula = excluded.er_formula, er_numerator = excluded.er_numerator,
  er_denominator = excluded.er_denominator, last_seen_at = greatest(m.last_seen_at, excluded.last_seen_at),
  stored_at = now(),
  missing_since = null, gone_at = null, gone_as = null

-- name: metrics
insert into public.media_metrics
  (media_id, captured_at, user_id, profile_id, source, likes, comments, plays, facebook_plays, views, engaged_views,
  shares)
select m.id, r.captured_at, m.user_id, m.profile_id, %(source)s,
  r.likes, r.comments, r.plays, r.facebook_plays, r.views, r.engaged_views, r.shares
from jsonb_to_recordset(%(rows)s) as r (platform_id text, captured_at timestamptz, likes bigint, comments bigint,
  plays bigint, facebook_plays bigint, views bigint, engaged_views bigint, shares bigint)
join public.media m on m.profile_id = %(profile_id)s and m.user_id = %(user_id)s
  and m.platform_id = r.platform_id collate "C"
on conflict (media_id, captured_at) do update set likes = excluded.likes, comments = excluded.comments,
  plays = excluded.plays, facebook_plays = excluded.facebook_plays, views = excluded.views,
  engaged_views = excluded.engaged_views, shares = coalesce(excluded.shares, public.media_metrics.shares)
