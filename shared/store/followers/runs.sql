-- The long statement of shared.store.followers.runs.

-- name: missed
select not exists (
  select from public.list_runs
  where user_id = %(user_id)s and profile_id = %(profile_id)s and direction = %(direction)s and verdict = 'whole'
) as first, exists (
  select from public.people p
  where p.user_id = %(user_id)s and p.profile_id = %(profile_id)s
    and case %(direction)s when 'follower' then p.follows_me else p.i_follow end
    and p.platform_id is not null and not exists (
      select from (
        select unnest(platform_ids) collate "C" as id from public.list_pages
        where user_id = %(user_id)s and run_id = %(run)s
      ) shown where shown.id = p.platform_id
    )
) as known
