-- The long statement of shared.store.files.imported_insights.

-- name: join
-- A data download and the platform's pages share only the posting time; two media with the same time are not joined.
with told as (
  select i.id, m.id as media_id
  from public.insights i left join (
    select posted_at, min(id) as id from public.media
    where user_id = %(user_id)s and profile_id = %(profile_id)s
    group by posted_at having count(*) = 1
  ) m on m.posted_at = i.posted_at
  where i.user_id = %(user_id)s and i.profile_id = %(profile_id)s and i.posted_at is not null
), moved as (
  update public.insights i set media_id = t.media_id from told t
  where i.id = t.id and i.media_id is distinct from t.media_id
  returning t.media_id
)
select count(media_id) as joined from moved
