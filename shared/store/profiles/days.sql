-- The long statements of shared.store.profiles.days.

-- name: changes
select since as at, count(*) as gained, count(*) filter (where returned) as returned, 0 as lost, 0 as renamed
from public.stays
where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = 'follower' and since_known <> 'before'
  and since >= coalesce(%(since)s, '-infinity'::timestamptz)
  and since > coalesce((
    select min(observed_end) from public.list_runs where user_id = %(user_id)s and profile_id = %(profile_id)s
      and direction = 'follower' and verdict = 'whole'
  ), '-infinity'::timestamptz)
group by since
union all
select until, 0, 0, count(*), 0 from public.stays
where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = 'follower' and until is not null
  and until >= coalesce(%(since)s, '-infinity'::timestamptz)
group by until
union all
select renamed_at, 0, 0, 0, count(*) from public.person_names
where user_id = %(user_id)s and profile_id = %(profile_id)s
  and renamed_at >= coalesce(%(since)s, '-infinity'::timestamptz)
group by renamed_at

-- name: write
insert into public.profile_days as d (profile_id, day, user_id, followers, following, media, gained, lost, returned,
  renamed, posts, likes, comments, plays, er_numerator, er_denominator, er_posts, er_formulas, whole_runs,
  partial_runs, timezone, formula_version)
select %(profile_id)s, day, %(user_id)s, followers, following, media, gained, lost, returned,
  renamed, posts, likes, comments, plays, er_numerator, er_denominator, er_posts, er_formulas, whole_runs,
  partial_runs, %(timezone)s, %(version)s
from jsonb_populate_recordset(null::public.profile_days, %(rows)s)
on conflict (profile_id, day) do update set followers = excluded.followers, following = excluded.following,
  media = excluded.media, gained = excluded.gained, lost = excluded.lost, returned = excluded.returned,
  renamed = excluded.renamed, posts = excluded.posts, likes = excluded.likes, comments = excluded.comments,
  plays = excluded.plays, er_numerator = excluded.er_numerator, er_denominator = excluded.er_denominator,
  er_posts = excluded.er_posts, er_formulas = excluded.er_formulas, whole_runs = excluded.whole_runs,
  partial_runs = excluded.partial_runs, timezone = excluded.timezone, formula_version = excluded.formula_version,
  computed_at = now()
where (d.followers, d.following, d.media, d.gained, d.lost, d.returned, d.renamed, d.posts, d.likes, d.comments,
    d.plays, d.er_numerator, d.er_denominator, d.er_posts, d.er_formulas, d.whole_runs, d.partial_runs,
    d.timezone, d.formula_version)
  is distinct from (excluded.followers, excluded.following, excluded.media, excluded.gained, excluded.lost,
    excluded.returned, excluded.renamed, excluded.posts, excluded.likes, excluded.comments, excluded.plays,
    excluded.er_numerator, excluded.er_denominator, excluded.er_posts, excluded.er_formulas,
    excluded.whole_runs, excluded.partial_runs, excluded.timezone, excluded.formula_version)
